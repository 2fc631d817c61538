import httpx
import pytest

from app.contract.geometry import PartFacts
from tests.corpus.conftest import Part

pytestmark = [pytest.mark.corpus, pytest.mark.cad]

EXPLAINED = {"as1-oc-214.stp": 22, "dm1-id-214.stp": 7}
"""Holes of B-spline faces, which the figures leave out: their number is the sum of genus_per_solid."""


async def test_a_real_part_has_its_holes(measured: httpx.Response, models_part: Part) -> None:
    estimate = models_part.figures.get("n_hole_stacks_estimate")
    if estimate is None:
        pytest.skip("nobody counted the holes of this part")

    facts = PartFacts.model_validate_json(measured.content)

    holes = [
        feature
        for feature in facts.features
        if feature.kind == "hole" and not (feature.__pydantic_extra__ or {})["breaks_out"]
    ]
    assert len(holes) == EXPLAINED.get(models_part.path.name, estimate)
