from datetime import date

import pytest

from app.calculations.schemas import working_day

MONDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, day) for day in (16, 20, 21, 22))


class TestWorkingDay:
    @pytest.mark.parametrize(
        ("start", "days", "expected"),
        [
            (MONDAY, 1, date(2026, 11, 17)),
            (MONDAY, 4, FRIDAY),
            (MONDAY, 5, date(2026, 11, 23)),
            (FRIDAY, 1, date(2026, 11, 23)),
            (SATURDAY, 1, date(2026, 11, 23)),
            (SUNDAY, 1, date(2026, 11, 23)),
            (FRIDAY, 9, date(2026, 12, 3)),
        ],
    )
    def test_weekends_are_not_worked(self, start: date, days: int, expected: date) -> None:
        assert working_day(start, days) == expected

    def test_more_days_are_later(self) -> None:
        found = [working_day(SATURDAY, days) for days in range(1, 300)]

        assert found == sorted(set(found))
        assert all(day.weekday() < 5 for day in found)
