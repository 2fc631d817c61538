"""Pricing past orders again; nothing is stored and no order is touched."""

from decimal import Decimal
from uuid import UUID

from app.analyses.service import AnalysisService, facts_from
from app.calculations.service import CalculationService
from app.catalog.service import CatalogueService
from app.catalog.versions import VersionReader
from app.contract.pricing import PriceRequest
from app.core.errors import Conflict, Rejected
from app.orders.schemas import PastOrder
from app.orders.service import OrderReader
from app.trials.schemas import OrderTrial, Outcome, Refusal, TrialRead, TrialTotals

REFUSALS = (Rejected, Conflict)
"""What is wrong with an order under a version; anything else ends the dry-run."""


class TrialService:
    """Compares what orders cost under two versions of the catalogue."""

    def __init__(
        self,
        orders: OrderReader,
        analyses: AnalysisService,
        versions: VersionReader,
        catalogue: CatalogueService,
        calculations: CalculationService,
    ) -> None:
        self.orders = orders
        self.analyses = analyses
        self.versions = versions
        self.catalogue = catalogue
        self.calculations = calculations

    async def run(self, version_id: UUID, limit: int) -> TrialRead:
        """The newest orders with their stored choices and facts, under the published and another version.

        Raises:
            VersionMissing: there is no such version.
            CatalogInvalid: the calculator cannot price by it.
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator cannot be asked.
        """
        after = await self.versions.name_of(version_id)
        before = await self.catalogue.current_version()
        past = await self.orders.recent(limit)
        items = [trial for order in past if (trial := await self._tried(order, before, after)) is not None]
        return TrialRead(
            version=after,
            published_version=before,
            items=items,
            totals=totals_of(items),
            skipped=len(past) - len(items),
        )

    async def _tried(self, order: PastOrder, before: str, after: str) -> OrderTrial | None:
        request = await self._request(order)
        if request is None:
            return None
        old, new = await self._outcome(request, before), await self._outcome(request, after)
        return OrderTrial(
            order_id=order.id,
            number=order.number,
            service_id=order.service_id,
            quantity=order.quantity,
            ordered_total=order.total_price,
            before=old,
            after=new,
            difference=_difference(old, new),
        )

    async def _request(self, order: PastOrder) -> PriceRequest | None:
        """What was asked when the order was placed; ``None`` when its part is not at hand."""
        chosen = {name: value for name, value in order.choices.items() if value is not None}
        if "dimensions" in chosen:
            return PriceRequest.model_validate(chosen)
        known = None if order.sha256 is None else await self.analyses.known(order.sha256)
        if known is None or known.facts is None:
            return None
        return PriceRequest.model_validate({**chosen, "facts": facts_from(known)})

    async def _outcome(self, request: PriceRequest, version: str) -> Outcome:
        try:
            price = await self.calculations.price_under(version, request)
        except REFUSALS as refusal:
            return Outcome(total_price=None, problem=Refusal(code=refusal.wire_code, detail=refusal.detail))
        return Outcome(total_price=price.total_price, problem=None)


def totals_of(items: list[OrderTrial]) -> TrialTotals:
    """The sums over those with both prices."""
    both = [item for item in items if item.difference is not None]
    before = sum((item.before.total_price or Decimal(0) for item in both), Decimal(0))
    after = sum((item.after.total_price or Decimal(0) for item in both), Decimal(0))
    return TrialTotals(orders=len(both), before=before, after=after, difference=after - before)


def _difference(before: Outcome, after: Outcome) -> Decimal | None:
    if before.total_price is None or after.total_price is None:
        return None
    return after.total_price - before.total_price
