"""A part that a plan turns out to be impossible for."""

from app.calculator.errors import PartOutsideLimits
from app.contract.geometry import Finding


def impossible(finding: Finding) -> PartOutsideLimits:
    """The refusal of the part, with the finding that says why."""
    return PartOutsideLimits(finding.message, findings=[finding])
