"""The HTTP of prices."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.analyses.client import REFUSALS
from app.auth.dependencies import OptionalUser
from app.calculations.dependencies import CalculationServiceDep
from app.calculations.errors import MaterialNotAllowed, PartOutsideLimits, PriceOnRequest
from app.calculations.schemas import PriceQuery, PriceRead
from app.core.errors import Unauthorized, problems
from app.core.http import upstream_errors
from app.core.locale import Language, client_language
from app.files.errors import FileMissing, FileTooLarge, UnknownFormat

router = APIRouter(tags=["prices"])

PRICE_FAILURES = problems(
    Unauthorized,
    FileMissing,
    FileTooLarge,
    UnknownFormat,
    PriceOnRequest,
    MaterialNotAllowed,
    PartOutsideLimits,
    *REFUSALS.values(),
    *upstream_errors("calculator"),
)


@router.post("/calculate-price", responses=PRICE_FAILURES)
async def calculate_price(
    calculations: CalculationServiceDep,
    user: OptionalUser,
    query: PriceQuery,
    language: Annotated[Language, Depends(client_language)],
) -> PriceRead:
    """The price of a part with every line of its proof; a stored file needs its owner's login."""
    return await calculations.price(user.id if user else None, query, language)
