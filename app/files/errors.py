"""What can go wrong with files."""

from app.core.errors import Conflict, NotFound, Rejected, UnsupportedFile


class FileMissing(NotFound):
    """There is no such file, or it is not yours."""


class EmptyFile(Rejected):
    """The file is empty; export the part again."""

    code, title = "cad-unreadable", "The file is empty"


class UnknownFormat(UnsupportedFile):
    """The content is not STEP, STL, OBJ, 3MF or DXF, whatever its name; export the part as one of these."""


class BrokenArchive(Rejected):
    """The 3MF file is a ZIP archive without a readable directory: it was cut or damaged. Export it again."""

    code, title = "cad-unreadable", "The CAD file cannot be read"


class UnknownKindOfUpload(UnsupportedFile):
    """Send the file as multipart/form-data, or in base64 inside application/json."""


class UploadIncomplete(Rejected):
    """The upload holds no file; send one multipart field named file, or base64 JSON."""

    code, title = "validation-failed", "No file in the upload"


class FileInUse(Conflict):
    """An order was placed with this file; it is kept as long as the order is."""

    code, title = "file-in-use", "The file belongs to an order"
