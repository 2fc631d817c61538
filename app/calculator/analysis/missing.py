"""What a person is told when not everything could be measured."""

from app.contract.geometry import Finding


def incomplete(*missing: str) -> Finding:
    """The finding that goes with ``complete: false``."""
    return Finding(
        code="analysis-incomplete",
        severity="warning",
        message=f"The time was up before these were known: {', '.join(missing)}.",
        fix="Simplify the part (fewer free-form faces or triangles) or ask for a manual quote.",
    )


def failed(what: str) -> Finding:
    """Something about this part could not be found out; the rest is sure."""
    return Finding(
        code=f"{what.replace(' ', '-')}-failed",
        severity="warning",
        message=f"Not everything about this part could be determined: {what}.",
        fix="The other figures are sure; have the manufacturing time checked by a person.",
    )
