"""Walls thinner than the process can hold."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.contract.geometry import Finding, PartFacts

FIGURES = frozenset({"wall_recommended_mm", "wall_feasible_mm"})


def wall_findings(facts: PartFacts, figures: Mapping[str, Decimal]) -> Iterator[Finding]:
    """Judges the fifth percentile of the thickness: the very minimum may be a ray that grazes an edge."""
    if facts.thickness_mm is None or not figures.keys() >= FIGURES:
        return
    thickness = facts.thickness_mm.p5
    feasible, recommended = (float(figures[name]) for name in ("wall_feasible_mm", "wall_recommended_mm"))
    if thickness >= recommended:
        return
    hopeless = thickness < feasible
    limit = feasible if hopeless else recommended
    yield Finding(
        code="wall-too-thin" if hopeless else "wall-thin",
        severity="error" if hopeless else "warning",
        message=f"Walls are {thickness:.2f} mm thick; the process needs {limit:g} mm.",
        fix=f"Make the walls at least {recommended:g} mm thick.",
        value=thickness,
        limit=limit,
        unit="mm",
        price_effect="Thin walls need slower passes or break.",
    )
