"""The calculator's geometry side: bytes in, facts out."""

from collections.abc import AsyncIterable

from app.analyses.errors import ANALYSIS_REFUSALS, CadTooComplex, CadUnreadable
from app.contract.geometry import PartFacts
from app.core.http import Upstream

REFUSALS = {refusal.code: refusal for refusal in ANALYSIS_REFUSALS} | {
    # formats and sizes were judged when the file came in; the calculator may only be stricter
    "unsupported-file": CadUnreadable,
    "file-too-large": CadTooComplex,
}


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
        problem = self.upstream.problem(response)
        refusal = REFUSALS.get(problem.code, self.upstream.errors.failed)
        raise refusal(problem.detail, errors=problem.errors, findings=problem.findings)
