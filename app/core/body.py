"""Bodies parsed by hand where one route takes two kinds of them, with FastAPI's own manners."""

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


async def parse_json(request: Request, model: type[M]) -> M:
    """The JSON body as a model; failures answer exactly as FastAPI's own validation does."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        errors = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(errors) from None


def request_bodies(**models: type[BaseModel] | dict[str, Any]) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that takes one of several media types.

    Keywords are the media types with ``__`` for the slash and ``_`` for a minus; values are models or
    JSON Schemas.
    """
    content = {
        media.replace("__", "/").replace("_", "-"): {
            "schema": given if isinstance(given, dict) else given.model_json_schema()
        }
        for media, given in models.items()
    }
    return {"requestBody": {"required": True, "content": content}}
