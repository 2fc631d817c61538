"""What can go wrong with the catalogue."""

from collections.abc import Iterable

from app.contract.problem import FieldError
from app.core.errors import Conflict, NotFound, Rejected

UNKNOWN_CATALOG = "unknown-catalog"
"""The calculator's code for `VersionUnknown`."""


class ServiceUnknown(Rejected):
    """There is no service with this id."""

    def __init__(self, service_id: str, known: Iterable[str]) -> None:
        message = f"there is no service {service_id!r}; there are {', '.join(known)}"
        super().__init__(
            f"service_id: {message}",
            errors=[FieldError(field="service_id", message=message, code="unknown")],
        )


class CatalogInvalid(Rejected):
    """These rows make no catalogue; each error names the file and line, or the row."""

    code, title = "catalog-invalid", "The catalogue cannot be used"


class NothingChanged(Rejected):
    """The proposal changes nothing."""

    code, title = "nothing-changed", "Nothing would change"


class VersionMissing(NotFound):
    """There is no such version of the catalogue."""


class VersionExists(Conflict):
    """A version with exactly this content exists already; publish that one."""

    code, title = "catalog-exists", "This version exists already"


class VersionOutdated(Conflict):
    """It was proposed on top of a version that is not published any more; propose it anew."""

    code, title = "catalog-outdated", "The version is outdated"


class VersionPublished(Conflict):
    """Prices go by this version already."""

    code, title = "already-published", "Published already"


class VersionUnknown(Exception):
    """The calculator does not hold the version it was asked about: send it and ask again."""
