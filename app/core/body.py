"""Bodies parsed by hand where one route takes two kinds of them, with FastAPI's own manners."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
FORM_DATA = "multipart/form-data"
NOT_JSON = {"type": "json_type", "loc": ("body",), "msg": "The body must be JSON (application/json)"}


def media_type(headers: Mapping[str, str]) -> str:
    """What the Content-Type names, without its parameters; empty where there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def may_be_json(kind: str) -> bool:
    """Whether a body of this media type is read as JSON; one that names none is taken at its word."""
    return kind in {"", "application/json"} or (kind.startswith("application/") and kind.endswith("+json"))


def invalid(error: ValidationError) -> RequestValidationError:
    """The failure of a body read by hand, as FastAPI tells those it read itself."""
    found = error.errors(include_url=False, include_input=False)
    return RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found])


async def parse_json(request: Request, model: type[M]) -> M:
    """The JSON body as a model; failures answer exactly as FastAPI's own validation does.

    Raises:
        RequestValidationError: the body does not fit, or its Content-Type says that it is no JSON.
    """
    if not may_be_json(media_type(request.headers)):
        raise RequestValidationError([NOT_JSON])
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid(error) from None


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
