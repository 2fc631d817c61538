"""The answer 202: what was asked for is being made."""

from typing import Any

from fastapi import Response

from app.files.schemas import Pending

RETRY_SECONDS = 1

PENDING: dict[int | str, dict[str, Any]] = {
    202: {
        "model": Pending,
        "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
        "description": "Not there yet.",
    }
}
"""For the ``responses`` of a route."""


def pending_response(pending: Pending) -> Response:
    """What is told, and when to ask again."""
    return Response(
        pending.model_dump_json(),
        status_code=202,
        media_type="application/json",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )
