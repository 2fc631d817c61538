from decimal import Decimal
from pathlib import Path

from app.calculator.catalog.loader import load
from app.calculator.dfm import NOT_JUDGED
from app.calculator.dfm import rules as rules_package
from app.calculator.dfm.grouping import MOST_TOLD
from app.calculator.dfm.rules import RULES
from app.contract.geometry import Finding, PartFacts
from tests.calculator.dfm.parts import hole, judge, measured, with_features
from tests.factories.parts import make_facts

FIGURES = load().figures
DEPTHS = {"hole_depth_ratio": Decimal(6), "hole_depth_ratio_most": Decimal(10)}


def not_judged(facts: PartFacts, process: str = "cnc-milling") -> list[Finding]:
    return [one for one in judge(facts, FIGURES[process]) if one.code == NOT_JUDGED]


class TestRules:
    def test_are_one_per_file(self) -> None:
        files = [path.stem for path in Path(rules_package.__file__).parent.glob("*.py")]

        assert len(RULES) == len(files) - 1
        assert len({rule.subject for rule in RULES}) == len(RULES)

    def test_have_their_limits_in_the_catalogue(self) -> None:
        shipped = {name for figures in FIGURES.values() for name in figures}

        assert all(rule.figures & shipped for rule in RULES)


class TestNotJudged:
    def test_nothing_is_said_when_everything_was_seen(self) -> None:
        assert not_judged(measured()) == []

    def test_a_mesh_is_told_once_what_it_does_not_show(self) -> None:
        (finding,) = not_judged(measured(format="stl", faces=None))

        assert finding.severity == "info"
        assert "STL" in finding.message
        assert "hole depths" in finding.message
        assert "wall thickness" not in finding.message
        assert "STEP" in finding.fix

    def test_features_found_on_a_mesh_are_judged(self) -> None:
        mesh = measured(format="stl", faces=None, features=[hole(5, 31)])

        assert not_judged(mesh) == []
        assert [one.code for one in judge(mesh, DEPTHS)] == ["hole-deep"]

    def test_what_was_not_measured_in_time_is_not_judged(self) -> None:
        (finding,) = not_judged(make_facts(complete=False))

        assert "not complete" in finding.message
        assert "wall thickness" in finding.message
        assert "hole depths" in finding.message

    def test_features_that_failed_are_not_judged(self) -> None:
        failed = Finding(code="features-failed", severity="warning", message="-", fix="-")

        assert "hole depths" in not_judged(measured(findings=[failed]))[0].message

    def test_an_unknown_inside_is_not_judged(self) -> None:
        assert "trapped volumes" in not_judged(measured(hollow=None), "printing.sls")[0].message


class TestGrouping:
    def test_equal_findings_are_told_once_with_all_faces(self) -> None:
        facts = with_features(*(hole(5, 31, number=number) for number in range(1, 301)))

        (finding,) = judge(facts, DEPTHS)

        assert "300 times" in finding.message
        assert finding.feature_id == "hole-1"
        assert finding.face_ids[:3] == (1, 2, 3)

    def test_of_many_different_ones_the_worst_are_told_and_the_rest_counted(self) -> None:
        shallow = [hole(5, 31 + number / 100, number=number) for number in range(100)]
        facts = with_features(*shallow, hole(5, 60, number=500))

        found = list(judge(facts, DEPTHS))

        assert len(found) == MOST_TOLD + 1
        assert (found[0].code, found[0].feature_id) == ("hole-too-deep", "hole-500")
        assert found[-1].value == 101 - MOST_TOLD
        assert {one.code for one in found[1:]} == {"hole-deep"}
