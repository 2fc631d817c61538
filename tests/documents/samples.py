"""The smallest content of every kind of document."""

import io
import zipfile

from tests.factories.files import STEP, stl


def package(*names: str) -> bytes:
    """A ZIP archive with these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return packed.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
DXF = b"0\nSECTION\n2\nENTITIES\n0\nENDSEC\n0\nEOF\n"
OBJ = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
IGES = b" " * 72 + b"S      1\n" + b"1H,,1H;" + b" " * 65 + b"G      1\n"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
TIFF = b"II*\x00" + bytes(20)
MAX = b"MM" + (46).to_bytes(4, "little") + bytes(40)
SLDPRT = b"\x14\x00\x06\x00\x08\x00" + bytes(100)

SAMPLES: dict[str, bytes] = {
    "dwg": b"AC1032" + bytes(100),
    "dxf": DXF,
    "pdf": PDF,
    "svg": SVG,
    "ai": PDF,
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "doc": OLE,
    "docx": package("word/document.xml"),
    "xls": OLE,
    "xlsx": package("xl/workbook.xml"),
    "ppt": OLE,
    "pptx": package("ppt/presentation.xml"),
    "txt": "Допуск ±0,1".encode(),
    "rtf": b"{\\rtf1\\ansi text}",
    "md": b"# Heading\n",
    "html": HTML,
    "xml": b"\xef\xbb\xbf<a/>",
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "gif": b"GIF89a" + bytes(20),
    "bmp": b"BM" + bytes(60),
    "tiff": TIFF,
    "tif": b"MM\x00*" + bytes(20),
    "step": STEP,
    "stp": STEP,
    "iges": IGES,
    "igs": IGES,
    "sat": b"700 0 1 0\n",
    "sldprt": SLDPRT,
    "sldasm": OLE,
    "stl": stl(),
    "obj": OBJ,
    "ply": b"ply\nformat ascii 1.0\n",
    "3ds": MAX,
    "dae": b'<?xml version="1.0"?><COLLADA version="1.4.1"/>',
    "fbx": b"Kaydara FBX Binary  \x00\x1a\x00",
    "blend": b"BLENDER-v279",
    "zip": package("anything"),
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(20),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(20),
    "tar": bytes(257) + b"ustar\x0000" + bytes(248),
    "gz": b"\x1f\x8b\x08" + bytes(20),
}
