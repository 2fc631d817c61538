"""Whether this process lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response

from app.core.schemas import Schema

log = structlog.get_logger("app")

PROBE_SECONDS = 3.0
Probe = Callable[[], Awaitable[None]]
State = Literal["ok", "failing"]


class Readiness(Schema):
    """What this process needs and whether it is there."""

    status: State
    checks: dict[str, State]


class Liveness(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Probes:
    """The questions readiness asks; each raises when its answer is no."""

    def __init__(self, **probes: Probe) -> None:
        self._probes = probes
        self._leaving: set[asyncio.Future[None]] = set()

    async def ask(self) -> Readiness:
        """Ask everything at once, each within its time."""
        states = await asyncio.gather(*(self._state(name, probe) for name, probe in self._probes.items()))
        checks = dict(zip(self._probes, states, strict=True))
        return Readiness(status="ok" if set(states) <= {"ok"} else "failing", checks=checks)

    async def _state(self, name: str, probe: Probe) -> State:
        try:
            await self._within_time(probe)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
            log.warning("not ready", check=name, cause=repr(error))
            return "failing"
        return "ok"

    async def _within_time(self, probe: Probe) -> None:
        """Ask; who is late is called off, but not waited for: hanging up takes its time as well."""
        asking: asyncio.Future[None] = asyncio.ensure_future(probe())
        self._leaving.add(asking)
        asking.add_done_callback(self._left)
        try:
            await asyncio.wait_for(asyncio.shield(asking), PROBE_SECONDS)
        finally:
            asking.cancel()

    def _left(self, asking: "asyncio.Future[None]") -> None:
        self._leaving.discard(asking)
        if not asking.cancelled():
            asking.exception()  # told already, or nobody waits for it any more


router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> Liveness:
    """The process is there; says nothing about its neighbours."""
    return Liveness()


@router.get("/health", include_in_schema=False)
@router.get("/health/detailed", include_in_schema=False)
@router.get(
    "/health/ready",
    responses={503: {"model": Readiness, "description": "Something this service needs is missing."}},
)
async def ready(request: Request, response: Response) -> Readiness:
    """Database, calculator and the folder of files were asked just now."""
    probes: Probes = request.state.resources.get(Probes)
    readiness = await probes.ask()
    if readiness.status != "ok":
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return readiness
