from decimal import Decimal
from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.dfm import NOT_JUDGED
from app.calculator.dfm.rules import RULES
from app.contract.geometry import Finding, PartFacts
from tests.calculator.dfm.parts import bend, feature, hole, in_sheet, judge, measured, pocket, with_features

OWN = load().figures
FIGURES = {key: {**OWN.get(key.partition(".")[0], {}), **figures} for key, figures in OWN.items()}
"""What is said of a technology goes before what is said of its process."""


def said(facts: PartFacts, process: str) -> list[Finding]:
    return [one for one in judge(facts, FIGURES[process]) if one.code != NOT_JUDGED]


def codes(facts: PartFacts, process: str) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in said(facts, process)]


def thick(p5: float) -> PartFacts:
    return measured(thickness_mm={"min": 0, "p5": p5, "median": 10})


def tall(ratio: float) -> PartFacts:
    place = {"x": 0, "y": 0, "z": 0}
    return measured(slenderness={"ratio": ratio, "height_mm": 30, "width_mm": 30 / ratio, "place": place})


def unreached(share: float) -> PartFacts:
    return measured(
        access={"setups": [], "directions_tried": 6, "unreached_share": share, "unreached_face_ids": [4]}
    )


def turned(*more: dict[str, Any], length_mm: float = 40, thinnest_mm: float = 10) -> PartFacts:
    body = feature(
        "turned",
        axis=[1, 0, 0],
        diameter_mm=20,
        length_mm=length_mm,
        diameters_mm=[20, thinnest_mm],
    )
    return with_features(body, *more)


def hanging(area_mm2: float) -> PartFacts:
    stands = {
        "contact_mm2": 100,
        "height_mm": 25,
        "support_volume_mm3": 5000,
        "wall_mm2": 1,
        "roof_mm2": 1,
    }
    drawn = {"up": (0, 0, 1), "area_mm2": 20_000, **stands}
    return measured(area_mm2=10_000, overhangs=[drawn, {"up": (1, 0, 0), "area_mm2": area_mm2, **stands}])


def hollow(**figures: Any) -> PartFacts:
    return measured(hollow={"trapped": 0, "trapped_volume_mm3": 0, **figures})


def gap(width_mm: float) -> PartFacts:
    return measured(smallest_gap={"width_mm": width_mm, "place": {"x": 0, "y": 0, "z": 0}})


def drawing(open_contours: int) -> PartFacts:
    contours = {"area_mm2": 100, "cut_length_mm": 40, "contours": 1, "inner_contours": 0}
    return measured(format="dxf", drawing={**contours, "open_contours": open_contours})


MILLING: list[tuple[str, PartFacts, list[tuple[str, str]]]] = [
    ("a wall as recommended", thick(0.8), []),
    ("a thin wall", thick(0.79), [("wall-thin", "warning")]),
    ("a wall that breaks", thick(0.49), [("wall-too-thin", "error")]),
    ("a usual hole", with_features(hole(5, 30)), []),
    ("a deep hole", with_features(hole(5, 31)), [("hole-deep", "warning")]),
    ("a hopeless hole", with_features(hole(5, 51)), [("hole-too-deep", "error")]),
    ("a narrow hole", with_features(hole(2.4)), [("hole-narrow", "warning")]),
    ("a hole without a drill", with_features(hole(0.4, 1)), [("hole-too-narrow", "error")]),
    ("a hole between two drills", with_features(hole(6.7564)), [("hole-not-standard", "warning")]),
    ("a drill of three quarters of an inch", with_features(hole(19.05)), []),
    ("a large hole between two drills", with_features(hole(14.2)), [("hole-not-standard", "warning")]),
    ("a bore wider than drills", with_features(hole(40.123)), []),
    ("a tap drill", with_features(hole(6.8, thread_candidate="M8")), []),
    ("a drilled end", with_features(hole(8, 10, tip="conical")), []),
    ("a flat end", with_features(hole(8, 10, tip="flat")), [("hole-flat-bottom", "warning")]),
    ("a flat recess", with_features(hole(8, 7, tip="flat")), []),
    ("perhaps a fine thread", with_features(hole(3.3, thread_candidate="M4")), [("thread-small", "info")]),
    (
        "a fine thread",
        with_features(hole(3.3, thread_candidate="M4", thread_drawn=True)),
        [("thread-small", "warning")],
    ),
    (
        "a thread nobody taps",
        with_features(hole(2.5, 4, thread_candidate="M1.6", thread_drawn=True)),
        [("thread-too-small", "error")],
    ),
    (
        "a long thread",
        with_features(hole(6.8, 25, thread_candidate="M8x1", thread_drawn=True)),
        [("thread-deep", "warning")],
    ),
    ("a round corner", with_features(pocket()), []),
    ("a sharp corner", with_features(feature("sharp-corner")), [("corner-too-tight", "error")]),
    (
        "a corner for a needle",
        with_features(pocket(corner_radius_mm=0.2, depth_mm=0.5)),
        [("corner-too-tight", "error")],
    ),
    ("a deep corner", with_features(pocket(depth_mm=21)), [("corner-deep", "warning")]),
    ("a floor radius", with_features(pocket(floor_radius_mm=5)), []),
    (
        "a floor rounder than its corners",
        with_features(pocket(floor_radius_mm=5.1)),
        [("floor-radius-large", "warning")],
    ),
    ("a deep pocket", with_features(pocket(width_mm=2, corner_radius_mm=None)), [("pocket-deep", "warning")]),
    (
        "a pocket too deep",
        with_features(pocket(width_mm=1.6, corner_radius_mm=None)),
        [("pocket-too-deep", "error")],
    ),
    (
        "a window is cut from both sides",
        with_features(pocket(width_mm=2.5, corner_radius_mm=None, type="through")),
        [],
    ),
    ("an inner fillet", with_features(feature("fillet", convex=False, length_mm=9)), []),
    (
        "an outer fillet",
        with_features(feature("fillet", convex=True, length_mm=9)),
        [("outer-fillets", "warning")],
    ),
    ("a low rib", tall(4), []),
    ("a tall rib", tall(4.1), [("feature-tall", "warning")]),
    ("all reached", unreached(0.001), []),
    ("an undercut", unreached(0.01), [("undercut", "warning")]),
    ("a hidden half", unreached(0.1), [("undercut-large", "error")]),
    ("a long part", measured(extents=(900, 50, 25)), [("part-large", "warning")]),
]
TURNING: list[tuple[str, PartFacts, list[tuple[str, str]]]] = [
    ("a shaft", turned(), []),
    ("a thin step", turned(thinnest_mm=0.7), [("turned-diameter-too-small", "error")]),
    ("a long shaft", turned(length_mm=81), [("turned-long", "warning")]),
    ("a wire", turned(length_mm=201), [("turned-too-long", "error")]),
    ("a groove", turned(feature("groove", width_mm=1.2)), []),
    ("a narrow groove", turned(feature("groove", width_mm=1.1)), [("groove-too-narrow", "error")]),
    ("a hole on the axis", turned(hole(5, axis=[-1, 0, 0])), []),
    (
        "a hole beside the axis",
        turned({**hole(5, axis=[1, 0, 0]), "place": {"x": 0, "y": 9, "z": 3}}),
        [("hole-off-axis", "warning")],
    ),
    ("a hole square to the axis", turned(hole(5, axis=[0, 1, 0])), []),
    (
        "a slanted hole",
        turned(hole(5, axis=[0.7071067811865476, 0.7071067811865476, 0])),
        [("hole-too-slanted", "error")],
    ),
]
PRINTING: list[tuple[str, str, PartFacts, list[tuple[str, str]]]] = [
    ("a thin wall of powder", "printing.sls", thick(0.7), [("wall-thin", "warning")]),
    ("a wall no filament makes", "printing.fdm", thick(0.7), [("wall-too-thin", "error")]),
    ("a wall of resin", "printing.sla", thick(0.7), [("wall-thin", "warning")]),
    ("a wall of metal", "printing.dmls", thick(1.0), []),
    ("a hole in powder", "printing.sls", with_features(hole(0.9)), [("hole-too-narrow", "error")]),
    ("a hole in fused powder", "printing.mjf", with_features(hole(1.9)), [("hole-narrow", "warning")]),
    ("an overhang in powder", "printing.sls", hanging(5000), []),
    ("an overhang of filament", "printing.fdm", hanging(200), [("overhang", "warning")]),
    ("a small overhang of filament", "printing.fdm", hanging(90), []),
    ("a pin", "printing.sls", with_features(feature("boss", diameter_mm=0.9)), [("pin-thin", "warning")]),
    (
        "a pin that breaks",
        "printing.mjf",
        with_features(feature("boss", diameter_mm=0.9)),
        [("pin-too-thin", "error")],
    ),
    ("a letter", "printing.fdm", tall(20), [("detail-fine", "warning"), ("feature-tall", "warning")]),
    ("a way out", "printing.sls", hollow(narrow_mm=3.5, escape_holes=1), []),
    ("a narrow way out", "printing.sls", hollow(narrow_mm=3, escape_holes=1), [("escape-narrow", "warning")]),
    (
        "a way out for nothing",
        "printing.mjf",
        hollow(narrow_mm=1.5, escape_holes=2),
        [("escape-too-narrow", "error")],
    ),
    (
        "one way out of two",
        "printing.sla",
        hollow(narrow_mm=2.8, escape_holes=1),
        [("escape-holes-few", "warning")],
    ),
    ("one way out that is enough", "printing.sla", hollow(narrow_mm=3.1, escape_holes=1), []),
    (
        "a bubble",
        "printing.sls",
        hollow(trapped=1, trapped_volume_mm3=300),
        [("volume-trapped", "warning")],
    ),
    (
        "a tank",
        "printing.sls",
        hollow(trapped=1, trapped_volume_mm3=5001),
        [("volume-trapped-large", "error")],
    ),
    (
        "a brick",
        "printing.sls",
        measured(thickness_mm={"min": 20, "p5": 20, "median": 21}),
        [("section-thick", "warning")],
    ),
    ("a gap", "printing.sls", gap(0.5), []),
    ("a gap that closes", "printing.sls", gap(0.4), [("gap-narrow", "warning")]),
    ("a gap in resin", "printing.sla", gap(0.4), []),
]
SHEET: list[tuple[str, str, PartFacts, list[tuple[str, str]]]] = [
    ("a hole as wide as thick", "laser-cutting", in_sheet(hole(2)), []),
    ("a narrow hole", "laser-cutting", in_sheet(hole(1.9)), [("sheet-hole-narrow", "warning")]),
    (
        "a hole near the edge",
        "laser-cutting",
        in_sheet(bridge_mm=3.9),
        [("hole-near-edge", "warning")],
    ),
    (
        "a hole at the edge",
        "laser-cutting",
        in_sheet(bridge_mm=1.9),
        [("hole-too-near-edge", "error")],
    ),
    ("a slot", "laser-cutting", in_sheet(pocket(width_mm=1.9)), [("slot-narrow", "warning")]),
    ("a closed drawing", "laser-cutting", drawing(0), []),
    ("an open drawing", "laser-cutting", drawing(2), [("contour-open", "error")]),
    ("a bend", "bending", in_sheet(bend()), []),
    ("a tight bend", "bending", in_sheet(bend(radius_mm=1.9)), [("bend-tight", "warning")]),
    ("a crack", "bending", in_sheet(bend(radius_mm=0.9)), [("bend-too-tight", "error")]),
    ("a short flange", "bending", in_sheet(bend(flange_mm=7.9)), [("flange-short", "warning")]),
    ("a flange nobody holds", "bending", in_sheet(bend(flange_mm=5.9)), [("flange-too-short", "error")]),
    (
        "a hole far from the bend",
        "bending",
        in_sheet(bend(), {**hole(4), "place": {"x": 0, "y": 9, "z": -2}}),
        [],
    ),
    (
        "a hole near the bend",
        "bending",
        in_sheet(bend(), {**hole(4), "place": {"x": 0, "y": 8.9, "z": -2}}),
        [("hole-near-bend", "warning")],
    ),
    (
        "a hole in the bend",
        "bending",
        in_sheet(bend(), {**hole(4), "place": {"x": 0, "y": 5, "z": -2}}),
        [("hole-too-near-bend", "error")],
    ),
    (
        "a hole beside the end of the bend",
        "bending",
        in_sheet(bend(), {**hole(4), "place": {"x": 60, "y": 5, "z": -2}}),
        [],
    ),
    (
        "a hole in the other flange",
        "bending",
        in_sheet(bend(), {**hole(4), "place": {"x": 0, "y": 5, "z": 30}}),
        [],
    ),
]


CASES = [
    *(("cnc-milling", *row) for row in MILLING),
    *(("cnc-lathe", *row) for row in TURNING),
    *((process, name, facts, expected) for name, process, facts, expected in PRINTING + SHEET),
]


@pytest.mark.parametrize(
    ("process", "facts", "expected"),
    [pytest.param(row[0], *row[2:], id=f"{row[0]}: {row[1]}") for row in CASES],
)
def test_a_rule_says_what_is_broken_and_how_badly(
    process: str, facts: PartFacts, expected: list[tuple[str, str]]
) -> None:
    assert codes(facts, process) == expected


def test_every_finding_has_a_figure_a_limit_and_a_remedy() -> None:
    everything = [finding for process, _, facts, _ in CASES for finding in said(facts, process)]

    for finding in everything:
        assert None not in {finding.value, finding.limit}
        assert all((finding.unit, finding.fix, finding.price_effect))


def test_every_rule_speaks_somewhere() -> None:
    silent = {rule.subject for rule in RULES}
    for process, _, facts, _ in CASES:
        for rule in RULES:
            if any(one.code != NOT_JUDGED for one in judge(facts, FIGURES[process], [rule])):
                silent.discard(rule.subject)

    assert silent == set()


def test_a_finding_names_the_place_the_faces_and_the_feature() -> None:
    (deep,) = said(with_features(hole(5, 31, number=7)), "cnc-milling")
    place = {"x": 1, "y": 2, "z": 3}
    wall = {"min": 0, "p5": 0.6, "median": 9, "thinnest_place": place, "thinnest_face_ids": [7]}
    (thin,) = said(measured(thickness_mm=wall), "cnc-milling")

    assert (deep.feature_id, deep.face_ids, deep.value) == ("hole-7", (7,), 6.2)
    assert Decimal(str(deep.limit)) == FIGURES["cnc-milling"]["hole_depth_ratio"]
    assert thin.place is not None
    assert (thin.face_ids, thin.place.z) == ((7,), 3)


def test_what_is_not_surely_there_is_no_error() -> None:
    guessed = {**hole(5, 60), "confidence": 0.7}

    assert codes(with_features(guessed), "cnc-milling") == [("hole-deep", "warning")]


def test_a_figure_that_is_missing_judges_nothing() -> None:
    nameless = hole(5) | {"diameter_mm": None, "depth_mm": None, "axis": None}

    assert codes(with_features(nameless), "cnc-milling") == []
    assert list(judge(thick(0.1), {})) == []


@pytest.mark.parametrize("process", sorted(FIGURES))
def test_a_larger_part_has_no_more_thin_walls_and_narrow_holes(process: str) -> None:
    counts = []
    for scale in (0.5, 1, 2, 4):
        facts = with_features(hole(scale, scale), thickness_mm={"min": 0, "p5": scale, "median": scale})
        found = said(facts, process)
        counts.append(sum(one.code.startswith(("wall", "hole-narrow", "hole-too-narrow")) for one in found))

    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("figure", ["wall_recommended_mm", "hole_smallest_mm"])
def test_a_stricter_limit_never_lets_more_through(figure: str) -> None:
    facts = with_features(hole(1.2), thickness_mm={"min": 1, "p5": 1, "median": 5})
    counts = []
    for limit in ("0.1", "0.9", "1.1", "1.3", "9"):
        figures = {**FIGURES["printing.sls"], figure: Decimal(limit)}
        counts.append(len([one for one in judge(facts, figures) if one.code != NOT_JUDGED]))

    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
