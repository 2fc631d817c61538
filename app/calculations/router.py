"""The HTTP of prices."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.auth.dependencies import OPEN_TO_GUESTS, OptionalUser
from app.auth.limits import strangers_prices
from app.calculations.dependencies import CalculationServiceDep, ViewDep
from app.calculations.errors import PRICE_FAILURES
from app.calculations.schemas import CompareQuery, ComparisonRead, PriceQuery, PriceRead
from app.core.errors import Forbidden, TooManyRequests, problems
from app.core.locale import Language, client_language

router = APIRouter(tags=["prices"])


@router.post(
    "/calculate-price",
    responses=problems(*PRICE_FAILURES, Forbidden, TooManyRequests),
    dependencies=[Depends(strangers_prices)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def calculate_price(
    calculations: CalculationServiceDep,
    user: OptionalUser,
    query: PriceQuery,
    language: Annotated[Language, Depends(client_language)],
    view: ViewDep,
) -> PriceRead:
    """The price of a part with every line of its proof; a stored file needs its owner's login."""
    return await calculations.price(user.id if user else None, query, language, view)


@router.post(
    "/calculate-price/compare",
    responses=problems(*PRICE_FAILURES, TooManyRequests),
    dependencies=[Depends(strangers_prices)],
    openapi_extra=OPEN_TO_GUESTS,
)
async def compare_prices(
    calculations: CalculationServiceDep,
    user: OptionalUser,
    query: CompareQuery,
    language: Annotated[Language, Depends(client_language)],
) -> ComparisonRead:
    """The part priced by every service and technology that prices itself, or why one cannot make it."""
    return await calculations.compare(user.id if user else None, query, language)
