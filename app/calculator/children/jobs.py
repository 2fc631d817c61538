"""Jobs of the runner itself."""

from typing import Any

from app.calculator.children.child import Report


def ping(report: Report) -> dict[str, Any]:  # noqa: ARG001 - every job may report
    """A child was born, lived and could speak."""
    return {"alive": True}
