"""What can go wrong with resumable uploads."""

from app.core.errors import AppError, Conflict, Gone, Malformed, NotFound, PayloadTooLarge, UnsupportedFile


class UploadMissing(NotFound):
    """There is no such upload, or it is not yours."""


class UploadExpired(Gone):
    """The upload was left alone for too long; begin a new one."""

    code, title = "upload-expired", "Upload expired"


class WrongOffset(Conflict):
    """The upload stands elsewhere, see Upload-Offset; go on from there."""

    code, title = "wrong-offset", "Wrong offset"


class TooManyUploads(Conflict):
    """You have begun so many uploads; finish or end some of them first."""

    code, title = "too-many-uploads", "Too many uploads"


class TooMuchSent(PayloadTooLarge):
    """More bytes came than the upload was announced with."""

    code, title = "upload-too-long", "Too many bytes"


class WrongKindOfBody(UnsupportedFile):
    """Send the bytes as application/offset+octet-stream."""


class UnreadableHeader(Malformed):
    """A header of the upload protocol cannot be understood."""


class ProtocolUnknown(AppError):
    """Uploads are made by version 1.0.0 of the tus protocol here."""

    status, code, title = 412, "tus-version-unknown", "Unknown version of the protocol"


class ChecksumMismatch(AppError):
    """The bytes are not those the checksum was made of; they were dropped, send them again."""

    status, code, title = 460, "checksum-mismatch", "Checksum mismatch"
