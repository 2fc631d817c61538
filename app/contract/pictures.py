"""What may be asked of a picture of a part."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.contract.base import Message

View = Literal["iso", "iso-back", "iso-below", "front", "back", "left", "right", "top", "bottom"]
Background = Literal["transparent", "white"]

PNG, GLB = "image/png", "model/gltf-binary"
SMALLEST_PX = 64
LARGEST_PX = 2048
MOST_VIEWS = 4


def _one_by_one(given: object) -> object:
    """``iso,top`` is what ``iso`` and ``top`` are."""
    if isinstance(given, str):
        return given.split(",", MOST_VIEWS)
    if isinstance(given, list | tuple) and len(given) <= MOST_VIEWS:
        parts = (part.split(",", MOST_VIEWS) if isinstance(part, str) else [part] for part in given)
        return [view for views in parts for view in views]
    return given


class PreviewQuery(Message):
    """A picture of ``size`` pixels along its longer side, which several views share to one scale."""

    size: Annotated[int, Field(ge=SMALLEST_PX, le=LARGEST_PX)] = 512
    views: Annotated[
        tuple[View, ...], BeforeValidator(_one_by_one), Field(min_length=1, max_length=MOST_VIEWS)
    ] = ("iso",)
    background: Background = "transparent"
    name: str = ""
