"""Messages that are made of our own figures."""

from decimal import Decimal

from app.contract.base import Text, unchecked
from app.contract.pricing import CostLine, Figure

LINE = {"code": "setup", "label": Text(en="Set-up", ru="Наладка"), "amount": Decimal("1.50"), "share": 0.5}


def test_an_unchecked_message_is_the_same_as_a_checked_one() -> None:
    line = unchecked(CostLine)(formula="hours x rate", **LINE)

    checked = CostLine(formula="hours x rate", **LINE)
    assert line == checked
    assert repr(line) == repr(checked)
    assert line.model_dump_json() == checked.model_dump_json()
    assert line.model_dump(exclude_unset=True) == checked.model_dump(exclude_unset=True)
    assert line.model_copy(update={"code": "control"}) == checked.model_copy(update={"code": "control"})


def test_its_fields_stand_in_their_order_whatever_the_order_of_the_values() -> None:
    assert list(unchecked(Figure)(unit="mm", value=1.5).model_dump()) == ["value", "unit"]
