"""Parameters of a process on their way to it: any JSON, as long as it is little and clean."""

import json
import math
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from app.contract.base import STORABLE, storable

MAX_PARAMS = 32
MAX_DEPTH = 4
MAX_BYTES = 16 * 1024


def _bounded(given: Any) -> Any:  # noqa: ANN401 - runs before validation
    """Refuses what is too much before anything looks at it piece by piece."""
    try:
        size_bytes = len(json.dumps(given, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError):
        return given  # no JSON, which the validation says better
    if size_bytes > MAX_BYTES:
        message = f"must not be larger than {MAX_BYTES} bytes"
        raise ValueError(message)
    return given


def _clean(value: JsonValue) -> JsonValue:
    """Refuses what cannot be sent on as JSON, stored, or read by a person."""
    _check(value, MAX_DEPTH)
    return value


def _check(value: JsonValue, levels: int) -> None:
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, float) and not math.isfinite(value):
        message = "must be a finite number"
        raise ValueError(message)
    elif isinstance(value, dict | list):
        if not levels:
            message = f"must not be nested more than {MAX_DEPTH} levels deep"
            raise ValueError(message)
        inside: Iterable[JsonValue] = [*value, *value.values()] if isinstance(value, dict) else value
        for one in inside:
            _check(one, levels - 1)


ParamName = Annotated[str, Field(min_length=1, max_length=64), STORABLE]
ParamValue = Annotated[JsonValue, AfterValidator(_clean)]
Params = Annotated[dict[ParamName, ParamValue], Field(max_length=MAX_PARAMS), BeforeValidator(_bounded)]
"""At most 32 parameters and 16 KB, values nested at most 4 levels deep; finite numbers, storable text."""
