"""The calculator's pricing side."""

import httpx
import structlog

from app.analyses.errors import PartRejected
from app.calculations.errors import MaterialNotAllowed, PartOutsideLimits, PriceOnRequest
from app.calculations.soundness import is_sound
from app.catalog.errors import UNKNOWN_CATALOG, VersionUnknown
from app.contract.comparison import Comparison
from app.contract.pricing import CompareRequest, GivenPart, Price, PriceRequest
from app.core.errors import AppError, Rejected
from app.core.http import JSON, Upstream

REFUSALS: dict[str, type[AppError]] = {
    refusal.code: refusal for refusal in (MaterialNotAllowed, PartOutsideLimits, PriceOnRequest, Rejected)
}
REFUSED = {413, 422}

log = structlog.get_logger("app")


class PricingClient:
    """Prices facts or dimensions."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def price(self, request: PriceRequest) -> Price:
        """The price of a part.

        Raises:
            VersionUnknown: the calculator does not hold the catalogue the request names.
            Rejected, PartRejected, PriceOnRequest and theirs: what the calculator refuses.
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator cannot be asked.
        """
        price = self.upstream.read(await self._asked("/v1/price", request), Price)
        is_the_answer = (price.service_id, price.quantity) == (request.service_id, request.quantity)
        if not (is_the_answer and is_sound(price)):
            log.warning("price refused", service=request.service_id, quantity=request.quantity)
            raise self.upstream.errors.failed
        return price

    async def compare(self, request: CompareRequest) -> Comparison:
        """The price of a part by every service; raises what :meth:`price` raises."""
        compared = self.upstream.read(await self._asked("/v1/compare", request), Comparison)
        if not all(is_sound(item.price) for item in compared.items if item.price is not None):
            log.warning("comparison refused", quantity=request.quantity)
            raise self.upstream.errors.failed
        return compared

    async def _asked(self, path: str, request: GivenPart) -> httpx.Response:
        body = request.model_dump_json(exclude_unset=True).encode()
        response = await self.upstream.request("POST", path, content=body, headers={"Content-Type": JSON})
        if response.is_success:
            return response
        problem = self.upstream.problem(response)
        if problem.code == UNKNOWN_CATALOG:
            raise VersionUnknown
        refusal = REFUSALS.get(problem.code)
        if refusal is not None:
            raise refusal(problem.detail, errors=problem.errors, findings=problem.findings)
        if problem.status in REFUSED:
            raise PartRejected(problem)
        raise self.upstream.errors.failed
