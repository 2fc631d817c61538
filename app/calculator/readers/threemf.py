"""3MF: what the build places, with every component where its transforms put it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable
from app.calculator.geometry.mesh_looks import Piece
from app.calculator.geometry.part import MeshPart, Triangles
from app.calculator.geometry.units import unit_name
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.digits import Corners
from app.calculator.readers.threemf_model import Body, Matrix, Model, Reference, read_model
from app.calculator.readers.threemf_package import Package
from app.calculator.readers.triangles import check_count, placed
from app.contract.geometry import Finding

BYTES_PER_TRIANGLE = 250
"""A triangle and its share of the vertices, with generous names and digits."""
DEEPEST_NESTING = 100
MOST_INSTANCES = 100_000
SUPPORTS = {"support", "solidsupport"}
_IN_PLACE: Matrix = np.eye(4, 3)

Key = tuple[str, str]


def read_threemf(path: Path, limits: ReadLimits) -> MeshPart:
    """All items of the build as triangles in millimetres."""
    return read_threemf_with_looks(path, limits)[0]


def read_threemf_with_looks(path: Path, limits: ReadLimits) -> tuple[MeshPart, tuple[Piece, ...]]:
    """The same, and the names and colours of the objects it is made of, in the order of its triangles."""
    with Package(path, BYTES_PER_TRIANGLE * limits.max_triangles) as package:
        scene = _Scene(package, limits)
        root = package.model()
        model = scene.model(root)
        if not model.items:
            raise CadInvalid("the model builds nothing: its list of items is empty")
        triangles, instances = (sum(counts) for counts in zip(*map(scene.count, model.items), strict=True))
        if instances > MOST_INSTANCES:
            message = f"{instances} copies of objects are more than the {MOST_INSTANCES} this service places"
            raise CadTooComplex(message)
        check_count(triangles, limits)
        mesh, origin, pieces = _gathered(scene, model)
    part = MeshPart(
        format="3mf",
        triangles=mesh,
        origin_mm=(float(origin[0]), float(origin[1]), float(origin[2])),
        findings=(_left_out(scene.supports),) if scene.supports else (),
        unit=unit_name(model.unit),
        unit_stated=True,
    )
    return part, pieces


class _Scene:
    """The models of a package, read when something refers to them."""

    def __init__(self, package: Package, limits: ReadLimits) -> None:
        self._package = package
        self._limits = limits
        self._models: dict[str, Model] = {}
        self._counts: dict[Key, tuple[int, int]] = {}
        self.supports = 0

    def model(self, part: str) -> Model:
        """A model part of the package."""
        if part not in self._models:
            self._models[part] = read_model(part, self._package.chunks(part), self._limits)
        return self._models[part]

    def body(self, reference: Reference) -> Body:
        """The object meant. Raises ``CadUnreadable`` when there is none."""
        body = self.model(reference.part).bodies.get(reference.object_id)
        if body is None:
            message = f"the object {reference.object_id[:40]} is used but not there"
            raise CadUnreadable(message)
        return body

    def count(self, reference: Reference, depth: int = 0) -> tuple[int, int]:
        """Triangles and copies of objects that placing this one would make, without making them."""
        key = (reference.part, reference.object_id)
        if key not in self._counts:
            if depth > DEEPEST_NESTING:
                raise CadUnreadable("components hold one another in a circle, or too deep")
            body = self.body(reference)
            counts = [self.count(component, depth + 1) for component in body.components]
            triangles = len(body.faces) + sum(count for count, _ in counts)
            self._counts[key] = (triangles, 1 + sum(count for _, count in counts))
        return self._counts[key]

    def instances(self, reference: Reference, outer: Matrix = _IN_PLACE) -> Iterator[tuple[Body, Matrix]]:
        """Every mesh below the reference with the transform that places it; supports are counted only."""
        body = self.body(reference)
        if body.kind in SUPPORTS:
            self.supports += 1
            return
        matrix = _after(reference.matrix, outer)
        if len(body.faces):
            yield body, matrix
        for component in body.components:
            yield from self.instances(component, matrix)


def _gathered(scene: _Scene, model: Model) -> tuple[Triangles, Corners, tuple[Piece, ...]]:
    meshes: list[Triangles] = []
    pieces: list[Piece] = []
    origin: Corners | None = None
    for item in model.items:
        for body, matrix in scene.instances(item):
            vertices = body.vertices_mm @ matrix[:3] + matrix[3]
            mirrored = np.linalg.det(matrix[:3]) < 0
            faces = body.faces[:, ::-1] if mirrored else body.faces
            if origin is None:
                origin = vertices[faces[0, 0]].copy()
            meshes.append(placed(vertices, faces, origin))
            pieces.append(Piece(len(faces), body.name, body.colour))
    if origin is None:
        raise CadInvalid("the model builds nothing but supports")
    return np.concatenate(meshes), origin, tuple(pieces)


def _after(inner: Matrix, outer: Matrix) -> Matrix:
    """First the inner transform, then the outer one."""
    both = inner @ outer[:3]
    both[3] += outer[3]
    return both


def _left_out(supports: int) -> Finding:
    return Finding(
        code="supports-left-out",
        severity="info",
        message=f"{supports} objects are supports for printing; they belong to no figure.",
        fix="Nothing needs to be done.",
        value=supports,
        unit="objects",
    )
