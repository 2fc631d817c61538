"""What can go wrong with bytes that come in."""

from app.core.errors import PayloadTooLarge


class FileTooLarge(PayloadTooLarge):
    """The file is larger than this installation takes."""

    code, title = "file-too-large", "File too large"
