import random
from types import SimpleNamespace

import pytest

from app.core.events import Event
from app.core.jobs import JobContext, Rate, Registry, Retry, Slots, every, on
from app.core.jobs.discovery import discover, handlers_of
from app.core.jobs.registry import DuplicateHandler
from app.core.sections import JobsSection
from tests.support.jobs import Happened


class Again(Event):
    name = Happened.name


async def work(_: JobContext, __: Event) -> None: ...


async def tick(_: JobContext) -> None: ...


class TestRetry:
    @pytest.mark.parametrize(
        ("attempt", "longest"), [(1, 2.0), (2, 4.0), (3, 8.0), (7, 128.0), (8, 200.0), (5000, 200.0)]
    )
    def test_rests_double_up_to_the_cap_less_up_to_a_half(self, attempt: int, longest: float) -> None:
        retry = Retry(base_seconds=2.0, cap_seconds=200.0)
        dice = random.Random(attempt)

        rests = [retry.rest_seconds(attempt, dice.uniform) for _ in range(500)]

        assert longest / 2 <= min(rests) < longest * 0.52
        assert longest * 0.98 < max(rests) <= longest


class TestNames:
    @pytest.mark.parametrize("name", ["", "orders", "Orders.push", "orders.", "no space", "a." + "x" * 127])
    def test_a_handler_is_called_by_its_feature_and_its_work(self, name: str) -> None:
        with pytest.raises(ValueError, match="a handler is called like"):
            on(Happened, name=name)


class TestRegistry:
    def test_two_handlers_of_one_name_are_refused(self) -> None:
        with pytest.raises(DuplicateHandler, match=r"tests\.work"):
            Registry([on(Happened, name="tests.work")(work), every("1 h", name="tests.work")(tick)])

    def test_two_events_of_one_name_are_refused(self) -> None:
        with pytest.raises(DuplicateHandler, match=r"tests\.happened"):
            Registry([on(Happened, name="tests.one")(work), on(Again, name="tests.two")(work)])

    def test_two_limits_of_one_name_are_refused(self) -> None:
        slow, quick = Rate("crm", per_second=2), Rate("crm", per_second=20)

        with pytest.raises(DuplicateHandler, match="crm"):
            Registry(
                [
                    on(Happened, name="tests.one", rate=slow)(work),
                    on(Happened, name="tests.two", rate=quick)(work),
                ]
            )

    def test_two_kinds_of_slots_of_one_name_are_refused(self) -> None:
        few, many = Slots("kiln", at_once=1), Slots("kiln", at_once=9)

        with pytest.raises(DuplicateHandler, match="kiln"):
            Registry(
                [
                    on(Happened, name="tests.one", slots=few)(work),
                    on(Happened, name="tests.two", slots=many)(work),
                ]
            )

    def test_a_handler_has_a_rate_or_slots(self) -> None:
        with pytest.raises(ValueError, match="not both"):
            on(Happened, name="tests.one", rate=Rate("crm", 2), slots=Slots("kiln", 1))


class TestDiscovery:
    def test_finds_what_modules_declare(self) -> None:
        subscription, schedule = on(Happened, name="tests.work")(work), every("1 h", name="tests.tick")(tick)
        module = SimpleNamespace(work=subscription, tick=schedule, other=work, number=7)

        assert handlers_of([module]) == [subscription, schedule]

    def test_the_features_of_this_application_declare_their_jobs_without_a_clash(self) -> None:
        assert "jobs.prune" in discover().handlers


def test_a_killed_worker_is_followed_within_half_a_minute() -> None:
    settings = JobsSection()

    assert settings.lease_seconds + 2 * settings.poll_seconds < 30
