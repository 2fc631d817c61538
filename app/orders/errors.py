"""What can go wrong with orders."""

from app.core.errors import Conflict, NotFound


class OrderMissing(NotFound):
    """There is no such order, or it is not yours."""


class QuoteChanged(Conflict):
    """The price is not the one you saw; look at the new one and order again."""

    code, title = "quote-changed", "The quote has changed"
