"""What happens to contents."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True)
class ContentReleased(Event):
    """Somebody does not have this content any more; perhaps nobody has."""

    name: ClassVar[str] = "contents.content_released"

    sha256: str
