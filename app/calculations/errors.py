"""What can go wrong with a price."""

from app.analyses.errors import ANALYSIS_REFUSALS
from app.contents.errors import FileTooLarge
from app.core.errors import AppError, Conflict, Rejected, Unauthorized
from app.core.http import upstream_errors
from app.core.quotas import QuotaExceeded
from app.files.errors import FileMissing, UnknownFormat


class PriceOnRequest(Conflict):
    """The service has no automatic price; ask for a quote instead."""

    code, title = "price-on-request", "Priced on request"


class MaterialNotAllowed(Rejected):
    """The process cannot use this material or this form of it."""

    code, title = "material-not-allowed", "The process cannot use this material"


class PartOutsideLimits(Rejected):
    """The process cannot make this part; the findings say why."""

    code, title = "part-outside-limits", "The process cannot make this part"


PRICE_FAILURES: tuple[type[AppError], ...] = (
    Unauthorized,
    FileMissing,
    FileTooLarge,
    UnknownFormat,
    QuotaExceeded,
    PriceOnRequest,
    MaterialNotAllowed,
    PartOutsideLimits,
    *ANALYSIS_REFUSALS,
    *upstream_errors("calculator"),
)
"""What asking for a price may end in."""
