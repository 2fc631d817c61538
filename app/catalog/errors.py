"""What can be asked wrongly of the catalogue."""

from collections.abc import Iterable

from app.contract.problem import FieldError
from app.core.errors import Rejected


class ServiceUnknown(Rejected):
    """There is no service with this id."""

    def __init__(self, service_id: str, known: Iterable[str]) -> None:
        message = f"there is no service {service_id!r}; there are {', '.join(known)}"
        super().__init__(
            f"service_id: {message}",
            errors=[FieldError(field="service_id", message=message, code="unknown")],
        )
