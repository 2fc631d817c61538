import pytest

from app.calculator.analysis.size import judge_extents, judge_size
from app.calculator.errors import CadInvalid
from app.calculator.geometry.box import Box

METRES, INCHES, MICROMETRES = "metres", "inches", "micrometres"


def proposed(*extents_mm: float, unit_stated: bool = False) -> list[str]:
    findings = judge_extents(extents_mm, unit_stated=unit_stated)
    assert all((finding.code, finding.severity) == ("unit-suspect", "info") for finding in findings)
    units = (METRES, INCHES, MICROMETRES)
    return [unit for finding in findings for unit in units if f" {unit} " in finding.fix]


@pytest.mark.parametrize(
    ("extents_mm", "unit"),
    [
        pytest.param((0.044, 0.014, 0.047), METRES, id="a box of 47 mm in metres"),
        pytest.param((0.6, 0.3, 0.2), METRES, id="a box of 60 cm in metres"),
        pytest.param((5.0, 2.5, 1.375), INCHES, id="eighths of an inch"),
        pytest.param((2.65625, 2.953125, 0.625), INCHES, id="64ths of an inch"),
        pytest.param((0.75, 0.5, 0.0625), INCHES, id="less than an inch"),
        pytest.param((120_000.0, 50_000.0, 3_000.0), MICROMETRES, id="micrometres"),
    ],
)
def test_a_size_that_looks_wrong_comes_with_a_unit(extents_mm: tuple[float, ...], unit: str) -> None:
    assert proposed(*extents_mm) == [unit]


@pytest.mark.parametrize(
    "extents_mm",
    [
        pytest.param((5.5, 6.35085, 2.4), id="a nut M3"),
        pytest.param((1.0, 1.0, 1.0), id="a millimetre"),
        pytest.param((8.0, 2.0, 2.0), id="a pin"),
        pytest.param((7.25, 4.5, 3.75), id="quarters of a millimetre"),
        pytest.param((25.4, 12.7, 6.35), id="inches in millimetres"),
        pytest.param((4_572.0, 304.8, 2_438.4), id="a wall"),
        pytest.param((28.54, 28.54, 5.66), id="a ring"),
    ],
)
def test_an_honest_part_is_not_suspected(extents_mm: tuple[float, ...]) -> None:
    assert proposed(*extents_mm) == []


def test_a_stated_unit_is_doubted_only_where_the_size_is_hardly_possible() -> None:
    assert proposed(5.0, 2.5, 1.375, unit_stated=True) == []
    assert proposed(0.05, 0.02, 0.02, unit_stated=True) == [METRES]


def test_the_remedy_names_the_size_it_would_give() -> None:
    (finding,) = judge_extents((5.0, 2.5, 1.375), unit_stated=False)

    assert "127 x 63.5 x 34.925 mm" in finding.fix
    assert (finding.value, finding.unit) == (5.0, "mm")


@pytest.mark.parametrize("extent_mm", [float("nan"), float("inf"), 2e6, 1e-6])
def test_what_cannot_be_a_part_is_refused(extent_mm: float) -> None:
    with pytest.raises(CadInvalid):
        judge_extents((extent_mm, extent_mm), unit_stated=True)


def test_a_flat_body_is_refused() -> None:
    with pytest.raises(CadInvalid, match="flat"):
        judge_size(Box((0, 0, 0), (10, 10, 0)), unit_stated=False)
