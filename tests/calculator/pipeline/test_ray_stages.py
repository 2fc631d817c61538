from pathlib import Path

import cadquery as cq
import numpy as np
import pytest

from app.calculator.pipeline import ray_stages
from app.calculator.pipeline.analyse import measure
from app.calculator.readers.base import ReadLimits
from app.contract.geometry import PartFacts
from tests.calculator.bodies import binary_stl, box
from tests.calculator.solids import write_step

pytestmark = pytest.mark.cad


def facts_of(path: Path) -> PartFacts:
    return list(measure(path, ReadLimits()))[-1]


def test_a_solid_has_walls_gaps_access_and_slender_regions(tmp_path: Path) -> None:
    plate = cq.Workplane().box(80, 50, 6).faces(">Z").workplane()
    ribbed = plate.pushPoints([(0, -6), (0, 0)]).rect(60, 2).extrude(10).faces(">Z").workplane()
    part = ribbed.center(0, 15).hole(5)

    facts = facts_of(write_step(part.val(), tmp_path / "part.step"))

    assert facts.thickness_mm is not None
    assert facts.thickness_mm.min == pytest.approx(2, abs=1e-3)
    assert facts.smallest_gap is not None
    assert facts.smallest_gap.width_mm == pytest.approx(4, abs=1e-3)
    assert facts.access is not None
    assert len(facts.access.setups) == 2
    assert facts.slenderness is not None
    assert facts.slenderness.ratio == pytest.approx(5, abs=1e-3)
    assert (facts.complete, facts.findings) == (True, ())


def test_a_mesh_has_them_too(tmp_path: Path) -> None:
    path = tmp_path / "plate.stl"
    path.write_bytes(binary_stl(box(60, 40, 3)))

    facts = facts_of(path)

    assert facts.thickness_mm is not None
    assert facts.thickness_mm.median == pytest.approx(3, abs=1e-3)
    assert facts.access is not None
    assert len(facts.access.setups) == 2


def test_nothing_is_said_where_it_is_not_sure_what_is_material(tmp_path: Path) -> None:
    path = tmp_path / "open.stl"
    path.write_bytes(binary_stl(box(60, 40, 3)[:-1]))

    facts = facts_of(path)

    assert facts.volume_mm3 is None
    assert (facts.thickness_mm, facts.smallest_gap, facts.access, facts.slenderness) == (
        None,
        None,
        None,
        None,
    )


def test_a_mesh_too_fine_for_rays_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_stages, "MOST_TRIANGLES", 11)
    path = tmp_path / "box.stl"
    path.write_bytes(binary_stl(box(20, 12, 8)))

    facts = facts_of(path)

    (finding,) = facts.findings
    assert (finding.code, finding.value, finding.limit) == ("mesh-too-fine", 12, 11)
    assert (facts.thickness_mm, facts.access, facts.complete) == (None, None, True)


def test_the_same_content_has_the_same_facts(tmp_path: Path) -> None:
    part = cq.Workplane().box(40, 30, 20).faces(">Z").shell(-2).edges("|Z").fillet(1)
    path = write_step(part.val(), tmp_path / "part.step")

    one, other = (facts.model_dump(exclude={"seconds"}) for facts in (facts_of(path), facts_of(path)))

    assert one == other


def test_figures_survive_far_from_the_origin(tmp_path: Path) -> None:
    path = tmp_path / "far.stl"
    path.write_bytes(binary_stl(box(64, 32, 4, at=(8192.0, -4096.0, 2048.0))))

    facts = facts_of(path)

    assert facts.thickness_mm is not None
    assert np.isclose(facts.thickness_mm.min, 4, atol=1e-2)
