"""What can go wrong with a price."""

from app.core.errors import Conflict, Rejected


class PriceOnRequest(Conflict):
    """The service has no automatic price; ask for a quote instead."""

    code, title = "price-on-request", "Priced on request"


class MaterialNotAllowed(Rejected):
    """The process cannot use this material or this form of it."""

    code, title = "material-not-allowed", "The process cannot use this material"


class PartOutsideLimits(Rejected):
    """The process cannot make this part; the findings say why."""

    code, title = "part-outside-limits", "The process cannot make this part"
