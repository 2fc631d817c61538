"""A calculator that shares no code with the real one: canned facts, simple prices, faults on demand."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.catalogs import VERSION, StandInShelf


def text(label: str) -> dict[str, str]:
    return {"en": label, "ru": f"{label} (ru)"}


def facts(**changes: Any) -> dict[str, Any]:
    """The facts of a 20 × 12 × 8 mm block."""
    return {
        "format": "step",
        "unit": "mm",
        "complete": True,
        "bodies": 1,
        "volume_mm3": 1920.0,
        "area_mm2": 992.0,
        "bounding_box_mm": {"x": 20.0, "y": 12.0, "z": 8.0},
        "oriented_box_mm": {"x": 20.0, "y": 12.0, "z": 8.0},
        "centroid_mm": [10.0, 6.0, 4.0],
        "watertight": True,
        "triangles": None,
        "faces": {"plane": 6, "cylinder": 0, "cone": 0, "sphere": 0, "torus": 0, "other": 0},
        "features": [],
        "thickness_mm": None,
        "findings": [],
        "seconds": 0.01,
        **changes,
    }


def catalog(version: str = VERSION) -> dict[str, Any]:
    options = [{"id": "one", "label": text("One")}]
    return {
        "version": version,
        "currency": "RUB",
        "services": [
            {"id": "cnc-milling", "label": text("Milling"), "pricing": "automatic"},
            {"id": "printing", "label": text("Printing"), "pricing": "automatic"},
            {"id": "welding", "label": text("Welding"), "pricing": "on_request"},
        ],
        "materials": [
            {
                "id": "alum_D16",
                "label": text("Aluminium D16"),
                "family": "alum",
                "density_kg_m3": 2800.0,
                "forms": [{"id": "sheet", "label": text("Sheet"), "processes": ["cnc-milling"]}],
            },
            {
                "id": "PA12",
                "label": text("PA12"),
                "family": "plastic",
                "density_kg_m3": 930.0,
                "forms": [{"id": "powder", "label": text("Powder"), "processes": ["printing"]}],
            },
        ],
        "tolerances": options,
        "finishes": options,
        "covers": options,
        "controls": options,
        "certificates": options,
        "locations": [{"id": "location_1", "name": "one", "label": text("One")}],
        "machines": [
            {
                "id": "machine_1",
                "name": "M1",
                "type": "milling",
                "axes": 3,
                "location_id": "location_1",
                "x_mm": 100.0,
                "y_mm": 100.0,
                "z_mm": None,
            }
        ],
        "processes": [{"id": "cnc-milling", "label": text("Milling"), "params": {"type": "object"}}],
    }


def price(request: dict[str, Any], piece: Decimal = Decimal(100)) -> dict[str, Any]:
    """So much a piece, in two lines."""
    quantity = request.get("quantity", 1)
    total = piece * quantity
    material = total * 2 / 5
    line: dict[str, Any] = {"inputs": {}, "feature_id": None, "children": []}
    return {
        "service_id": request["service_id"],
        "engine": "rules" if request.get("facts") is None else "features",
        "currency": "RUB",
        "quantity": quantity,
        "unit_price": f"{piece:.2f}",
        "total_price": f"{total:.2f}",
        "material": {
            "id": request.get("material_id") or "alum_D16",
            "form": "sheet",
            "stock": {"shape": "box", "dimensions": None},
            "volume_mm3": 1920.0,
            "mass_kg": 0.005,
            "cost": f"{material:.2f}",
        },
        "hours": {"setup": 0.1, "machining": 0.2, "finishing": 0.0, "total": 0.3},
        "lines": [
            {
                "code": "material",
                "label": text("Material"),
                "amount": f"{material:.2f}",
                "formula": "mass_kg",
                "share": 0.4,
                **line,
            },
            {
                "code": "machining",
                "label": text("Machining"),
                "amount": f"{total - material:.2f}",
                "formula": "hours",
                "share": 0.6,
                **line,
            },
        ],
        "breaks": [{"quantity": quantity, "unit_price": f"{piece:.2f}", "total_price": f"{total:.2f}"}],
        "band": None,
        "review": False,
        "reasons": [],
        "lead_time_days": 9,
        "lead_times": [{"id": "standard", "days": 9, "total_price": f"{total:.2f}"}],
        **(costs(f"{total:.2f}") if request.get("costs") else {}),
        "machines": [{"id": "machine_1", "name": "M1", "fits": True, "reason": None}],
        "findings": [],
        "used": {"quantity": {"value": quantity, "assumed": False}},
        "catalog_version": request.get("catalog_version") or VERSION,
        "quote_hash": _quote_hash(request),
        "calculator_seconds": 0.001,
    }


def costs(total: str) -> dict[str, Any]:
    """What comes with the price for those who may see it."""
    wage = {"code": "wage", "label": text("Wage"), "amount": total, "formula": "hours", "share": 1}
    production = {
        "code": "production",
        "label": text("Production"),
        "days": 9,
        "formula": "hours / hours a day",
    }
    return {"cost_lines": [wage], "lead_time_parts": [production]}


def comparison(request: dict[str, Any]) -> dict[str, Any]:
    """Milling has a price, printing a problem."""
    milled = price({**request, "service_id": "cnc-milling"})
    priced = {name: value for name, value in milled.items() if name != "calculator_seconds"}
    problem = {
        "type": "about:blank",
        "title": "no",
        "status": 422,
        "detail": "too large",
        "code": "part-outside-limits",
    }
    return {
        "items": [
            {"service_id": "cnc-milling", "params": {}, "price": priced},
            {"service_id": "printing", "params": {"technology": "SLS"}, "problem": problem},
        ],
        "catalog_version": VERSION,
        "calculator_seconds": 0.002,
    }


def refusal(status: int, code: str, detail: str = "no", errors: Sequence[dict[str, str]] = ()) -> Response:
    body = {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": list(errors),
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


@dataclass
class StandInCalculator:
    """What the calculator is asked and how it answers; tests change the answers."""

    facts: dict[str, Any] = field(default_factory=facts)
    catalog: dict[str, Any] = field(default_factory=catalog)
    shelf: StandInShelf = field(default_factory=StandInShelf)
    analysis_answer: Response | None = None
    proposal_answer: Response | None = None
    price_answers: list[Response] = field(default_factory=list)
    picture_answer: Response | None = None
    ready_answer: Response | None = None
    down: bool = False
    free: asyncio.Event | None = None
    """Analyses take until this is set."""
    analysed: list[tuple[str, bytes]] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    priced: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/analysis", self._analysis, methods=["POST"]),
                Route("/v1/preview", self._picture, methods=["POST"]),
                Route("/v1/model.glb", self._picture, methods=["POST"]),
                Route("/v1/price", self._price, methods=["POST"]),
                Route("/v1/compare", self._compare, methods=["POST"]),
                Route("/v1/catalog", self._catalog),
                Route("/v1/catalogs", self._propose, methods=["POST"]),
                Route("/v1/catalogs/shipped", self._shipped),
                Route("/v1/catalogs/{version}", self._take, methods=["PUT"]),
                Route("/health/ready", self._ready),
            ]
        )

    async def _analysis(self, request: Request) -> Response:
        content = await request.body()
        self.analysed.append((request.query_params["name"], content))
        if self.down:
            return refusal(503, "calculator-busy")
        if self.free is not None:
            await self.free.wait()
        return self.analysis_answer or JSONResponse(self.facts)

    async def _picture(self, request: Request) -> Response:
        await request.body()
        size_px = request.query_params.get("size")
        self.drawn.append("model" if size_px is None else f"preview-{size_px}")
        if self.down:
            return refusal(503, "calculator-busy")
        if self.picture_answer is not None:
            return self.picture_answer
        if size_px is None:
            return Response(b"glTF of a block", media_type="model/gltf-binary")
        return Response(f"{size_px} px of a block".encode(), media_type="image/png")

    async def _price(self, request: Request) -> Response:
        asked = await request.json()
        self.priced.append(asked)
        if self.down:
            return refusal(503, "calculator-busy")
        if self.price_answers:
            return self.price_answers.pop(0)
        piece = self.shelf.piece(asked.get("catalog_version"))
        return refusal(409, "unknown-catalog") if piece is None else JSONResponse(price(asked, piece))

    async def _compare(self, request: Request) -> Response:
        asked = await request.json()
        self.priced.append(asked)
        if self.down:
            return refusal(503, "calculator-busy")
        return self.price_answers.pop(0) if self.price_answers else JSONResponse(comparison(asked))

    async def _catalog(self, request: Request) -> Response:
        version = request.query_params.get("version", self.catalog["version"])
        if self.down:
            return refusal(503, "calculator-busy")
        if self.shelf.rows(version) is None:
            return refusal(409, "unknown-catalog")
        return JSONResponse({**self.catalog, "version": version})

    async def _shipped(self, _: Request) -> Response:
        version, rows = self.shelf.shipped
        if self.down:
            return refusal(503, "calculator-busy")
        return JSONResponse({"version": version, "rows": rows})

    async def _take(self, request: Request) -> Response:
        if self.down:
            return refusal(503, "calculator-busy")
        if not self.shelf.take(request.path_params["version"], (await request.json())["rows"]):
            return refusal(422, "catalog-invalid")
        return Response(status_code=204)

    async def _propose(self, request: Request) -> Response:
        if self.down:
            return refusal(503, "calculator-busy")
        if self.proposal_answer is not None:
            return self.proposal_answer
        made = self.shelf.propose(await request.json())
        if made is None:
            return refusal(409, "unknown-catalog")
        return JSONResponse({"version": made[0], "rows": made[1]})

    async def _ready(self, _: Request) -> Response:
        if self.down:
            return refusal(503, "not-ready")
        return self.ready_answer or JSONResponse({"status": "ready"})


@pytest.fixture
def calculator() -> StandInCalculator:
    """The stand-in the application of this test talks to."""
    return StandInCalculator()


def _quote_hash(request: dict[str, Any]) -> str:
    """Of everything that may change the price; whether its costs are told changes nothing."""
    asked = {name: value for name, value in request.items() if name != "costs"}
    return hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()
