"""What can go wrong with a profile."""

from app.core.errors import Rejected


class ProfileIncomplete(Rejected):
    """Details that are needed are missing, or are not written as they should be."""
