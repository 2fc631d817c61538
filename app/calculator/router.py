"""HTTP of the calculator: for the API only, never public."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import ClientDisconnect

from app.calculator.service import CalculatorService
from app.calculator.spool import announced_bytes
from app.contract.catalog import Catalog
from app.contract.catalog_rows import CatalogContent, CatalogProposal, CatalogRows, Version
from app.contract.comparison import Comparison
from app.contract.geometry import PartFacts
from app.contract.pictures import GLB, PNG, PreviewQuery
from app.contract.pricing import CompareRequest, Price, PriceRequest

router = APIRouter()

Answer = TypeVar("Answer")

_LOGGED_NAME = 255


async def _service(request: Request) -> CalculatorService:
    service: CalculatorService = request.app.state.service
    return service


Service = Annotated[CalculatorService, Depends(_service)]


@router.post("/v1/analysis")
async def analyse(request: Request, service: Service, name: Annotated[str, Query()] = "") -> PartFacts:
    """Facts of the file in the body. ``name`` is for the log; the content says what the file is."""
    upload = _Upload(request)
    with structlog.contextvars.bound_contextvars(file_name=name[:_LOGGED_NAME]):
        return await _while_connected(upload, service.analyse(upload, announced_bytes(request.headers)))


@router.post("/v1/preview")
async def preview(request: Request, service: Service, query: Annotated[PreviewQuery, Query()]) -> Response:
    """A picture of the part in the body."""
    upload = _Upload(request)
    with structlog.contextvars.bound_contextvars(file_name=query.name[:_LOGGED_NAME]):
        drawing = service.preview(upload, announced_bytes(request.headers), query)
        return Response(await _while_connected(upload, drawing), media_type=PNG)


@router.post("/v1/model.glb")
async def model(request: Request, service: Service, name: Annotated[str, Query()] = "") -> Response:
    """The part in the body as a model for viewers: metres, y up, faces told apart."""
    upload = _Upload(request)
    with structlog.contextvars.bound_contextvars(file_name=name[:_LOGGED_NAME]):
        modelling = service.model(upload, announced_bytes(request.headers))
        return Response(await _while_connected(upload, modelling), media_type=GLB)


@router.post("/v1/price")
async def price(service: Service, wanted: PriceRequest) -> Price:
    """The price of measured facts or of dimensions, with its proof."""
    return service.price(wanted)


@router.post("/v1/compare")
async def compare(service: Service, wanted: CompareRequest) -> Comparison:
    """The price by every process and technology."""
    return service.compare(wanted)


@router.get("/v1/catalog")
async def catalog(service: Service, version: Annotated[Version | None, Query()] = None) -> Catalog:
    """What can be made, of what, and how; without rates. Without a version: of the shipped catalogue."""
    return service.catalogs.public(version)


@router.get("/v1/catalogs/shipped")
async def shipped_catalog(service: Service) -> CatalogContent:
    """All rows, rates included, of the catalogue that came with this service."""
    return service.catalogs.shipped


@router.put("/v1/catalogs/{version}", status_code=204)
async def take_catalog(service: Service, version: Version, sent: CatalogRows) -> None:
    """Keep a catalogue to price with; the version must be that of the rows."""
    service.catalogs.put(CatalogContent(version=version, rows=sent.rows))


@router.post("/v1/catalogs")
async def propose_catalog(service: Service, proposal: CatalogProposal) -> CatalogContent:
    """The catalogue that changes to another would make: checked, named by its version, not kept."""
    return service.catalogs.propose(proposal)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get("/health/ready")
async def ready(service: Service, response: Response) -> dict[str, str]:
    """A child has lived and answered, and the catalogue is loaded."""
    if service.is_ready:
        return {"status": "ready"}
    response.status_code = 503
    return {"status": "starting"}


@router.get("/metrics")
async def metrics(service: Service) -> Response:
    """Counters for Prometheus."""
    return Response(service.metrics.render(), media_type=CONTENT_TYPE_LATEST)


class _Upload:
    """The body of a request, and when it has been read to its end."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.is_read = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.request.stream():
            yield chunk
        self.is_read.set()

    async def disconnected(self) -> None:
        """Returns when the client leaves; listens only after the body, whose messages are the reader's."""
        await self.is_read.wait()
        while (await self.request.receive())["type"] != "http.disconnect":
            pass


async def _while_connected(upload: _Upload, work: Coroutine[Any, Any, Answer]) -> Answer:
    """The result of the work, which is cancelled when the client leaves."""
    task = asyncio.create_task(work)
    watch = asyncio.create_task(upload.disconnected())
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return await task
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.wait({task, watch})
