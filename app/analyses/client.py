"""The calculator's geometry side: bytes in, facts out."""

from collections.abc import AsyncIterable

import httpx

from app.analyses.errors import ANALYSIS_REFUSALS, CadInvalid, CadTooComplex, CadUnreadable
from app.contract.geometry import PartFacts
from app.core.errors import AppError
from app.core.http import Upstream

REFUSALS = {refusal.code: refusal for refusal in ANALYSIS_REFUSALS} | {
    # formats and sizes were judged when the file came in; the calculator may only be stricter
    "unsupported-file": CadUnreadable,
    "file-too-large": CadTooComplex,
}
REMEDIES: dict[type[AppError], str] = {
    CadUnreadable: "Export the part again, preferably as STEP AP214 or binary STL.",
    CadInvalid: "Check that it holds a closed solid (a drawing: closed contours) and export it again.",
    CadTooComplex: "Simplify the part, or ask for a quote.",
}
"""What a customer can do; the calculator only knows what is wrong."""


class GeometryClient:
    """Measures parts."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    async def analyse(self, content: AsyncIterable[bytes], name: str) -> PartFacts:
        """The facts of the part whose bytes are streamed; ``name`` is for people only.

        Raises:
            CadUnreadable, CadInvalid, CadTooComplex: the part's fault.
            Unavailable, UpstreamTimeout, UpstreamFailed: the calculator's.
        """
        response = await self.upstream.request("POST", "/v1/analysis", content=content, params={"name": name})
        if response.is_success:
            return self.upstream.read(response, PartFacts)
        raise refusal_in(response, self.upstream)


def refusal_in(response: httpx.Response, upstream: Upstream) -> AppError:
    """What a 4xx answer says of the part, and what to do about it."""
    problem = upstream.problem(response)
    refusal = REFUSALS.get(problem.code, upstream.errors.failed)
    reason = problem.detail[:1].upper() + problem.detail[1:].rstrip(".")
    remedy = REMEDIES.get(refusal, "")
    return refusal(f"{reason}. {remedy}".rstrip(), errors=problem.errors, findings=problem.findings)
