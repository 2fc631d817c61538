"""What can go wrong with imports."""

from app.core.errors import NotFound, Rejected, TooManyRequests


class ImportMissing(NotFound):
    """There is no such import, or it is not yours."""


class TooManyImports(TooManyRequests):
    """Several of your imports are not finished yet; wait for one of them."""

    retry_after_seconds = 30


class SourceRefused(Rejected):
    """Files are not fetched from this address."""

    code, title = "source-refused", "Address refused"


class SourceFailed(Rejected):
    """The address did not give the file."""

    code, title = "source-failed", "File not fetched"


class SourceTimeout(SourceFailed):
    """The address did not give the file in time."""

    code, title = "source-timeout", "File not fetched in time"
