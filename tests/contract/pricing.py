"""Calculators of the real code that price and measure nothing, so that they start at once."""

from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.metrics import Metrics
from app.calculator.problems import install_handlers
from app.calculator.router import router
from app.calculator.service import CalculatorService
from app.calculator.shelf import CatalogShelf
from tests.support.calculator import StandInCalculator


def pricing_app(shipped: Catalog) -> FastAPI:
    """The calculator's routes over a service whose children are never started."""
    app = FastAPI()
    children, metrics = Children((), most=1, queue=1), Metrics(lambda: 0)
    settings = CalculatorSettings(_env_file=None)
    app.state.service = CalculatorService(settings, children, CatalogShelf(shipped, 2), metrics)
    app.include_router(router)
    install_handlers(app)
    return app


@dataclass
class RealCalculators(StandInCalculator):
    """So many calculators that take turns behind one address; ``taken`` tells which was sent a version."""

    count: int = 1
    shipped: Catalog = field(default_factory=load)
    taken: list[int] = field(default_factory=list)

    def app(self) -> ASGIApp:  # type: ignore[override]  # the same seen from outside
        apps = [pricing_app(self.shipped) for _ in range(self.count)]
        turn = 0

        async def in_turns(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal turn
            number, turn = turn % len(apps), turn + 1
            if scope["method"] == "PUT":
                self.taken.append(number)
            await apps[number](scope, receive, send)

        return in_turns
