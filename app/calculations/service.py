"""From a part and choices to a price."""

import hashlib
import time
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.analyses.service import AnalysisService, Content
from app.calculations.client import PricingClient
from app.calculations.errors import PriceOnRequest
from app.calculations.schemas import (
    AskedPart,
    CompareQuery,
    ComparisonRead,
    InlineFile,
    PriceQuery,
    PriceRead,
    Timing,
    View,
    shown,
)
from app.catalog.service import CatalogueService
from app.contract.comparison import Comparison
from app.contract.formats import sniff_content
from app.contract.geometry import PartFacts
from app.contract.pricing import CompareChoices, CompareRequest, Price, PriceChoices, PriceRequest, Wishes
from app.core.clock import now
from app.core.config import Settings
from app.core.locale import Language, spoken
from app.core.offload import Offload
from app.files.errors import EmptyFile, UnknownFormat
from app.files.incoming import decoded, in_pieces
from app.files.service import FileService


class CalculationService:
    """Prices parts; stores nothing but facts."""

    def __init__(
        self,
        catalogue: CatalogueService,
        files: FileService,
        analyses: AnalysisService,
        client: PricingClient,
        offload: Offload,
        settings: Settings,
    ) -> None:
        self.catalogue = catalogue
        self.files = files
        self.analyses = analyses
        self.client = client
        self.offload = offload
        self.settings = settings

    async def price(
        self, viewer_id: UUID | None, query: PriceQuery, language: Language, view: View
    ) -> PriceRead:
        """The price of a part for whoever may use it, in their language.

        Raises:
            ServiceUnknown, PriceOnRequest: told before anything else is looked at.
            Rejected and its kin: the part or the choices cannot be priced.
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator cannot be asked.
        """
        started = time.perf_counter()
        price = await self.quote(viewer_id, query, costs=view is View.cost)
        total, priced_at = time.perf_counter() - started, now()
        return shown(
            price.model_dump(mode="json"),
            language,
            priced_at=priced_at,
            valid_until=priced_at + self.validity,
            timing=Timing(calculator_seconds=price.calculator_seconds, total_seconds=round(total, 6)),
            view=view,
        )

    @property
    def validity(self) -> timedelta:
        """How long a price is promised."""
        return timedelta(days=self.settings.pricing.valid_days)

    async def quote(self, viewer_id: UUID | None, query: PriceQuery, *, costs: bool) -> Price:
        """The price as the calculator gave it, in all languages, with its ``costs`` or without."""
        service = await self.catalogue.service(query.service_id)
        if service.pricing == "on_request":
            raise PriceOnRequest
        facts = await self._facts(viewer_id, query)
        chosen = _chosen(query, PriceChoices) | ({"costs": True} if costs else {})

        async def ask(version: str) -> Price:
            return await self.client.price(
                PriceRequest(**chosen, facts=facts, dimensions=query.dimensions, catalog_version=version)
            )

        return await self.catalogue.by_current(ask)

    async def compare(
        self, viewer_id: UUID | None, query: CompareQuery, language: Language
    ) -> ComparisonRead:
        """The price by every service that prices itself, or why there is none; raises what `price` raises."""
        started = time.perf_counter()
        facts = await self._facts(viewer_id, query)
        chosen = _chosen(query, CompareChoices)

        async def ask(version: str) -> Comparison:
            return await self.client.compare(
                CompareRequest(**chosen, facts=facts, dimensions=query.dimensions, catalog_version=version)
            )

        found = await self.catalogue.by_current(ask)
        timing = Timing(
            calculator_seconds=found.calculator_seconds, total_seconds=round(time.perf_counter() - started, 6)
        )
        items = spoken(found.model_dump(mode="json")["items"], language)
        return ComparisonRead.model_validate({"items": items, "timing": timing.model_dump()})

    async def price_under(self, version: str, request: PriceRequest) -> Price:
        """The price under any version of the catalogue, whatever is published now.

        Raises:
            VersionMissing: nobody knows this version.
            What the calculator refuses, as :meth:`price` does.
        """

        async def ask(named: str) -> Price:
            return await self.client.price(request.model_copy(update={"catalog_version": named}))

        return await self.catalogue.by_version(version, ask)

    async def inline_bytes(self, file: InlineFile) -> bytes:
        """The decoded bytes of a file inside a request, refused when they are too many or none."""
        limit = self.settings.storage.max_inline_bytes
        content = await decoded("file.data", file.data, limit, self.offload)
        if not content:
            raise EmptyFile
        return content

    async def _facts(self, viewer_id: UUID | None, query: AskedPart) -> PartFacts | None:
        if query.file_id is not None:
            return await self.files.facts(viewer_id, query.file_id)
        if query.file is None:
            return None
        content = await self.inline_bytes(query.file)
        if sniff_content(content) is None:
            raise UnknownFormat
        digest = await self.offload.run(_sha256, content)
        known = await self.analyses.known(digest)
        if known is None and viewer_id is not None:
            await self.files.quotas.take_analysis(viewer_id)
        part = Content(digest, query.file.name, partial(in_pieces, content))
        return await self.analyses.facts_of(part, known=known)


def _chosen(query: AskedPart, choices: type[Wishes]) -> dict[str, Any]:
    """Only what was really chosen is passed on: the price names everything else as assumed."""
    chosen = query.model_fields_set & choices.model_fields.keys()
    return {name: value for name in chosen if (value := getattr(query, name)) is not None}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
