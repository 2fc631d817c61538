"""What a person is told when the time was up before everything was measured."""

from app.contract.geometry import Finding


def incomplete(*missing: str) -> Finding:
    """The finding that goes with ``complete: false``."""
    return Finding(
        code="analysis-incomplete",
        severity="warning",
        message=f"The time was up before these were known: {', '.join(missing)}.",
        fix="Simplify the part (fewer free-form faces or triangles) or ask for a manual quote.",
    )
