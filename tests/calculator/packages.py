"""3MF packages, well made and not."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np

from tests.calculator.bodies import Mesh

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Target="/{}" Id="r0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)


def mesh_xml(mesh: Mesh, extra: str = "") -> str:
    """A mesh element; ``extra`` goes into every triangle."""
    vertices, corners = np.unique(mesh.reshape(-1, 3), axis=0, return_inverse=True)
    points = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in vertices.tolist())
    faces = "".join(
        f'<triangle v1="{a}" v2="{b}" v3="{c}"{extra}/>' for a, b, c in corners.reshape(-1, 3).tolist()
    )
    return f"<mesh><vertices>{points}</vertices><triangles>{faces}</triangles></mesh>"


def object_xml(number: int, content: str, kind: str = "model") -> str:
    return f'<object id="{number}" type="{kind}">{content}</object>'


def components_xml(*references: str) -> str:
    return f"<components>{''.join(f'<component {reference}/>' for reference in references)}</components>"


def model_xml(objects: str, *items: str, unit: str = "millimeter", attributes: str = "") -> str:
    built = "".join(f"<item {item}/>" for item in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><model unit="{unit}" xmlns="{CORE}" xmlns:p="{PRODUCTION}" '
        f"{attributes}><resources>{objects}</resources><build>{built}</build></model>"
    )


def package(
    model: str | bytes, others: Mapping[str, str | bytes] | None = None, *, name: str = "3D/3dmodel.model"
) -> bytes:
    """A package around a root model with other entries beside it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", RELATIONSHIPS.format(name))
        archive.writestr(name, model)
        for entry, content in (others or {}).items():
            archive.writestr(entry, content)
    return file.getvalue()


def simple(mesh: Mesh, *items: str, **changes: str) -> bytes:
    """One object, built once in place unless told otherwise."""
    return package(model_xml(object_xml(1, mesh_xml(mesh)), *(items or ('objectid="1"',)), **changes))
