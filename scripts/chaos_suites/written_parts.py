"""Parts in the formats that are text or packed text: OBJ, DXF and 3MF. Standard library only."""

import io
import zipfile

OBJ = b"""# a block with a step
mtllib none.mtl
o block
v 0.0 0.0 0.0
v 20.0 0.0 0.0
v 20.0 12.5 0.0
v 0.0 12.5 0.0
v 0.0 0.0 8.25
v 20.0 0.0 8.25
v 20.0 12.5 8.25
v 0.0 12.5 8.25
vn 0.0 0.0 -1.0
g sides
f 4//1 3//1 2//1 1//1
f 5 6 7 8
f 1 2 6 5
f 2 3 7 6
f -6 -5 -1 -2
f 4 1 5 8
"""
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
</Types>"""
RELATIONSHIPS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Target="/3D/3dmodel.model" Id="r0"
 Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>"""
CORNERS = [(x, y, z) for z in (0.0, 6.5) for y in (0.0, 10.0) for x in (0.0, 15.25)]
SIDES = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
WHEN = (2020, 1, 1, 0, 0, 0)
"""The same bytes every time."""

Entries = dict[str, bytes]


def written_parts() -> dict[str, bytes]:
    """One part of each format."""
    return {"block.obj": OBJ, "plate.dxf": _plate(), "boxes.3mf": _boxes()}


def packed(entries: Entries) -> bytes:
    """A package with these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(zipfile.ZipInfo(name, WHEN), content)
    return file.getvalue()


def _plate() -> bytes:
    """A rectangle of lines, a circle, arcs that close, and a block of a polyline put in twice."""
    sides = ((0, 0, 80, 0), (80, 0, 80, 50), (80, 50, 0, 50), (0, 50, 0, 0))
    entities = [_entity("LINE", (10, x), (20, y), (11, u), (21, v)) for x, y, u, v in sides]
    entities.append(_entity("CIRCLE", (10, 20), (20, 25), (40, 6.5)))
    entities += [
        _entity("ARC", (10, 60), (20, 25), (40, 8), (50, a), (51, b)) for a, b in ((0, 180), (180, 360))
    ]
    entities += [
        _entity("INSERT", (2, "slot"), (10, x), (20, 10), (41, 1), (42, 1), (50, 15)) for x in (35, 45)
    ]
    vertices = [_entity("VERTEX", (10, x), (20, y), (42, bulge)) for x, y, bulge in ((0, 0, 1), (0, 4, 1))]
    block = [_entity("BLOCK", (2, "slot"), (70, 0), (10, 0), (20, 0)), _entity("POLYLINE", (66, 1), (70, 1))]
    block += [*vertices, _entity("SEQEND"), _entity("ENDBLK")]
    header = "".join(
        f"{code:>3}\n{value}\n" for code, value in ((9, "$ACADVER"), (1, "AC1009"), (9, "$INSUNITS"), (70, 4))
    )
    sections = (
        _section("HEADER", header),
        _section("BLOCKS", "".join(block)),
        _section("ENTITIES", "".join(entities)),
    )
    return f"{''.join(sections)}  0\nEOF\n".encode()


def _section(name: str, content: str) -> str:
    return f"  0\nSECTION\n  2\n{name}\n{content}  0\nENDSEC\n"


def _entity(kind: str, *values: tuple[int, object]) -> str:
    written = (
        f"{code:>3}\n{float(value) if isinstance(value, int) and code < 60 else value}\n"  # noqa: PLR2004 - reals
        for code, value in ((8, "cut"), *values)
    )
    return f"  0\n{kind}\n{''.join(written)}"


def _boxes() -> bytes:
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>\n' for x, y, z in CORNERS)
    triangles = "".join(
        f'<triangle v1="{one}" v2="{two}" v3="{three}"/>\n'
        for a, b, c, d in SIDES
        for one, two, three in ((a, b, c), (a, c, d))
    )
    mesh = f"<mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh>"
    twice = (
        '<component objectid="1"/>\n<component objectid="1" transform="1 0 0 0 1 0 0 0 1 30.5 0.0 0.0"/>\n'
    )
    model = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<model unit="millimeter" xml:lang="en" xmlns="{CORE}">\n'
        f'<resources>\n<object id="1" type="model">{mesh}</object>\n'
        f'<object id="2" type="model"><components>{twice}</components></object>\n</resources>\n'
        '<build><item objectid="2" transform="1 0 0 0 1 0 0 0 1 0.0 0.0 5.0"/></build>\n</model>\n'
    )
    entries = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONSHIPS,
        "3D/3dmodel.model": model,
    }
    return packed({name: text.encode() for name, text in entries.items()})
