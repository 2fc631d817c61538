"""Volume and area as the authoring CAD system measured them, where it wrote them into the file.

Those of CTC-05, which holds none, are from the published comparison of the NIST models in Open CASCADE.
"""

import httpx
import pytest

from app.calculator.service import CalculatorService
from app.contract.geometry import PartFacts
from tests.corpus.conftest import corpus

pytestmark = [pytest.mark.corpus, pytest.mark.cad]

RELATIVE = 1e-5
PUBLISHED = {
    "nist_ctc_01_asme1_ap242-e1.stp": (14_644_822.6361, 807_080.8022, (800.0, 450.0, 150.0)),
    "nist_ctc_03_asme1_ap242-e2.stp": (332_122.908, 354_787.650, (302.96, 485.44, 162.69)),
    "nist_ctc_05_asme1_ap242-e1.stp": (12_694_917.7, 861_243.4, (527.05, 558.8, 482.6)),
}


@pytest.mark.parametrize("name", PUBLISHED)
async def test_a_model_of_nist_has_the_published_figures(
    measuring: tuple[httpx.AsyncClient, CalculatorService], name: str
) -> None:
    client, _ = measuring
    folder = corpus()
    path = None if folder is None else folder / "models" / name
    if path is None or not path.is_file():
        pytest.skip("the model is not in the corpus")
    volume_mm3, area_mm2, extents_mm = PUBLISHED[name]

    facts = PartFacts.model_validate_json(
        (await client.post("/v1/analysis", content=path.read_bytes())).content
    )

    assert facts.volume_mm3 == pytest.approx(volume_mm3, rel=RELATIVE)
    assert facts.area_mm2 == pytest.approx(area_mm2, rel=RELATIVE)
    box = facts.bounding_box_mm
    assert (box.x, box.y, box.z) == pytest.approx(extents_mm, abs=0.005)
