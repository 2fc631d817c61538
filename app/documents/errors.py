"""What can go wrong with documents."""

from app.core.errors import Conflict, Forbidden, NotFound, Rejected, UnsupportedFile


class DocumentMissing(NotFound):
    """There is no such document, or it is not yours."""


class EmptyDocument(Rejected):
    """The document is empty."""

    code, title = "document-empty", "The document is empty"


class FormatNotTaken(UnsupportedFile):
    """Documents of this kind are not taken; /documents/formats lists those that are."""


class ContentMismatch(UnsupportedFile):
    """The content is not what the name of the document says."""


class DocumentInUse(Conflict):
    """An order was placed with this document; it is kept as long as the order is."""

    code, title = "document-in-use", "The document belongs to an order"


class DocumentPending(Conflict):
    """The document is being scanned for viruses; come back in a moment."""

    code, title = "document-pending", "The document is being scanned"
    retry_after_seconds = 5


class DocumentRefused(Forbidden):
    """The document was refused by the virus scanner and is given to nobody."""

    code, title = "document-refused", "The document was refused"
