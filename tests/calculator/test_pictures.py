"""Pictures and models through the service and through HTTP."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

import httpx
import pytest
import trimesh
from PIL import Image

from app.calculator.catalog import loader
from app.calculator.children.life import ChildrenGone
from app.calculator.children.protocol import Ending, Limits, Outcome
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.errors import Busy, CadInvalid, CadTooComplex, CadUnreadable, CalculatorError
from app.calculator.metrics import Metrics
from app.calculator.service import CalculatorService
from app.calculator.shelf import CatalogShelf
from app.contract.pictures import PreviewQuery
from tests.calculator.bodies import binary_stl, box, torus
from tests.calculator.conftest import problem, serving, until_ready

PART = binary_stl(box(20, 12, 8))
DRAWN = b"picture"


class DrawingChildren(Children):
    """Writes the same picture for everybody, once the gate is open."""

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        super().__init__((), most=1, queue=0)
        self.outcomes = list(outcomes) or [Outcome(Ending.done, {})]
        self.gate = asyncio.Event()
        self.gate.set()
        self.orders: list[tuple[str, dict[str, Any]]] = []
        self.cancelled = 0

    async def run(
        self,
        job: str,
        arguments: dict[str, Any],
        limits: Limits,
        file: BinaryIO | None = None,
        output: BinaryIO | None = None,
    ) -> Outcome:
        assert file is not None
        assert output is not None
        assert limits.niceness > 0, "nobody waits for a picture as for a price"
        self.orders.append((job, arguments))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        output.write(DRAWN)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def service(children: Children) -> CalculatorService:
    return CalculatorService(
        CalculatorSettings(max_model_bytes=1000), children, CatalogShelf(loader.load(), 2), Metrics(lambda: 0)
    )


async def body(content: bytes = PART) -> AsyncIterator[bytes]:
    yield content


QUERY = PreviewQuery(size=64, views=("iso", "top"), name="part.stl")


class TestService:
    async def test_answers_what_the_child_wrote(self) -> None:
        children = DrawingChildren()

        assert await service(children).preview(body(), None, QUERY) == DRAWN
        ((job, arguments),) = children.orders
        assert job.endswith(":preview")
        assert arguments["query"] == {"size": 64, "views": ["iso", "top"], "background": "transparent"}

    async def test_hands_the_limit_of_a_model_to_the_child(self) -> None:
        children = DrawingChildren()

        assert await service(children).model(body(), None) == DRAWN
        assert children.orders[0][1]["most_bytes"] == 1000

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            (Outcome(Ending.refused, {"code": "cad-invalid", "detail": "x"}), CadInvalid),
            (Outcome(Ending.crashed), CadUnreadable),
            (Outcome(Ending.failed, {"error": "LookupError"}), CadUnreadable),
            (Outcome(Ending.out_of_time, stage={"known": 1}), CadTooComplex),
            (Outcome(Ending.out_of_memory), CadTooComplex),
            (Outcome(Ending.killed), Busy),
            (ChildrenGone(), Busy),
        ],
    )
    async def test_refuses_as_an_analysis_does(
        self, outcome: Outcome | Exception, error: type[CalculatorError]
    ) -> None:
        with pytest.raises(error):
            await service(DrawingChildren(outcome)).preview(body(), None, QUERY)

    async def test_tries_again_when_a_child_was_killed_from_outside(self) -> None:
        children = DrawingChildren(Outcome(Ending.killed), Outcome(Ending.done, {}))

        await service(children).model(body(), None)

        assert len(children.orders) == 2

    async def test_draws_once_for_all_who_want_the_same(self) -> None:
        children = DrawingChildren()
        children.gate.clear()
        calculator = service(children)
        same = [asyncio.create_task(calculator.preview(body(), None, QUERY)) for _ in range(3)]
        larger = asyncio.create_task(calculator.preview(body(), None, PreviewQuery(size=65)))
        await asyncio.sleep(0.1)

        children.gate.set()

        assert await asyncio.gather(*same, larger) == [DRAWN] * 4
        assert len(children.orders) == 2

    async def test_the_last_to_leave_stops_the_child(self) -> None:
        children = DrawingChildren()
        children.gate.clear()
        calculator = service(children)
        both = [asyncio.create_task(calculator.model(body(), None)) for _ in range(2)]
        await asyncio.sleep(0.1)

        both[0].cancel()
        await asyncio.wait({both[0]})
        assert children.cancelled == 0
        both[1].cancel()
        await asyncio.wait({both[1]})
        assert children.cancelled == 1


@pytest.mark.cad
class TestRoutes:
    async def test_a_part_has_a_picture(self, calculator: httpx.AsyncClient) -> None:
        wanted = {"size": "96", "views": "iso,front,top", "background": "white", "name": "part.stl"}

        answer = await calculator.post("/v1/preview", params=wanted, content=PART)

        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.format, picture.size, picture.mode) == ("PNG", (96, 96), "RGB")

    async def test_a_picture_is_large_and_see_through_unless_asked_otherwise(
        self, calculator: httpx.AsyncClient
    ) -> None:
        answers = [await calculator.post("/v1/preview", content=PART) for _ in range(2)]

        picture = Image.open(io.BytesIO(answers[0].content))
        assert (picture.size, picture.mode) == ((512, 512), "RGBA")
        assert answers[0].content == answers[1].content

    async def test_a_part_has_a_model(self, calculator: httpx.AsyncClient) -> None:
        answer = await calculator.post("/v1/model.glb", params={"name": "part.stl"}, content=PART)

        assert (answer.status_code, answer.headers["content-type"]) == (200, "model/gltf-binary")
        scene = trimesh.load(io.BytesIO(answer.content), file_type="glb")
        assert scene.extents == pytest.approx([0.020, 0.008, 0.012])

    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"size": "63"}, "size"),
            ({"size": "2049"}, "size"),
            ({"size": "big"}, "size"),
            ({"views": "iso,inside"}, "views.1"),
            ({"views": ""}, "views.0"),
            ({"views": "iso,top,front,left,right"}, "views"),
            ({"background": "pink"}, "background"),
            ({"colour": "red"}, "colour"),
        ],
    )
    async def test_a_wish_that_cannot_be_met_is_named(
        self, calculator: httpx.AsyncClient, params: dict[str, str], field: str
    ) -> None:
        found = problem(await calculator.post("/v1/preview", params=params, content=PART))

        assert (found.status, found.code) == (422, "validation-failed")
        assert field in [error.field for error in found.errors]

    @pytest.mark.parametrize("route", ["/v1/preview", "/v1/model.glb"])
    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            pytest.param(b"", 422, "cad-unreadable", id="empty"),
            pytest.param(b"text", 415, "unsupported-file", id="text"),
            pytest.param(PART[:-20], 422, "cad-unreadable", id="cut"),
            pytest.param(binary_stl(box(1, 1, 0)), 422, "cad-invalid", id="flat"),
        ],
    )
    async def test_refuse_what_is_no_part(
        self, calculator: httpx.AsyncClient, route: str, content: bytes, status: int, code: str
    ) -> None:
        found = problem(await calculator.post(route, content=content))

        assert (found.status, found.code) == (status, code)

    async def test_pictures_have_the_limits_of_analyses_and_models_one_more(self) -> None:
        settings = CalculatorSettings(max_file_bytes=1_000_000, max_triangles=5000, max_model_bytes=20_000)
        async with serving(settings) as (client, _):
            await until_ready(client)
            large = await client.post("/v1/preview", content=bytes(1_000_001))
            many = await client.post("/v1/preview", content=binary_stl(torus(30, 10, 60, 60)))
            long = await client.post("/v1/model.glb", content=binary_stl(torus(30, 10)))
            drawn = await client.post("/v1/preview", content=binary_stl(torus(30, 10)))
            counted = (await client.get("/metrics")).text

        refused = [problem(answer).code for answer in (large, many, long)]
        assert refused == ["file-too-large", "cad-too-complex", "cad-too-complex"]
        assert drawn.status_code == 200
        assert 'calculator_pictures_total{ending="done"} 1.0' in counted
        assert 'calculator_pictures_total{ending="refused"} 2.0' in counted
