import pytest

from app.calculator.geometry.units import unit_name


@pytest.mark.parametrize(
    ("declared", "name"),
    [("MILLIMETRE", "mm"), ("'INCH'", "inch"), ("metre", "m"), (" CENTIMETRE ", "cm"), ("micrometre", "um")],
)
def test_declared_units_have_short_names(declared: str, name: str) -> None:
    assert unit_name(declared) == name


def test_an_unknown_unit_keeps_its_own_name_within_reason() -> None:
    assert unit_name("furlong" * 10) == ("furlong" * 10)[:32]
