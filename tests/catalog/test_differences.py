from typing import Any

from app.catalog.differences import differences, own_changes, rows_from
from app.contract.catalog_rows import CatalogRow
from tests.support.catalogs import row


def rows(**prices: Any) -> tuple[CatalogRow, ...]:
    return rows_from(row("material", key, price=price) for key, price in prices.items())


class TestDifferences:
    def test_are_new_rows_gone_rows_and_fields_that_differ(self) -> None:
        found = differences(rows(brass="5", iron="1", zinc="2"), rows(brass="6", gold="9", zinc="2"))

        assert [(change.key, change.before, change.after) for change in found] == [
            ("brass", {"price": "5"}, {"price": "6"}),
            ("gold", None, rows(gold="9")[0].fields),
            ("iron", rows(iron="1")[0].fields, None),
        ]

    def test_of_the_same_rows_are_none(self) -> None:
        assert differences(rows(brass="5"), rows(brass="5")) == []


class TestOwnChanges:
    def test_leave_alone_what_was_left_as_it_was(self) -> None:
        changes = own_changes(
            base=rows(brass="5", iron="1", zinc="2"),
            own=rows(brass="6", iron="1", gold="9"),
            target=rows(brass="5", iron="3", zinc="2", tin="4"),
        )

        assert [row.fields["id"] for row in changes.rows] == ["brass", "gold"]
        assert [name.key for name in changes.remove] == ["zinc"]

    def test_do_not_drop_what_is_not_there_any_more(self) -> None:
        changes = own_changes(base=rows(zinc="2"), own=(), target=rows(tin="4"))

        assert changes.remove == ()
