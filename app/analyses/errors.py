"""Why a part has no facts."""

from app.contract.problem import Problem
from app.core.errors import AppError, Rejected


class CadUnreadable(Rejected):
    """The CAD file cannot be read; export it again, preferably as STEP AP214 or binary STL."""

    code, title = "cad-unreadable", "The CAD file cannot be read"


class CadInvalid(Rejected):
    """The CAD file holds no valid part; check that it contains a closed solid."""

    code, title = "cad-invalid", "The CAD file holds no valid part"


class CadTooComplex(Rejected):
    """The part is too complex to be measured automatically; simplify it or ask for a quote."""

    code, title = "cad-too-complex", "The CAD file is too complex"


class PartRejected(Rejected):
    """The calculator refuses this request; its own code and sentence are passed on."""

    code, title = "part-outside-limits", "The process cannot make this part"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail, errors=problem.errors, findings=problem.findings)
        self.passed_on = problem

    @property
    def wire_code(self) -> str:
        """The calculator's code."""
        return self.passed_on.code


ANALYSIS_REFUSALS: tuple[type[AppError], ...] = (CadUnreadable, CadInvalid, CadTooComplex)
"""What measuring a part may end in by the part's own fault."""
