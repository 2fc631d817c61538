"""A model part of a 3MF package (core specification 1.3): objects with meshes or components, and the build.

Coordinates become millimetres here. An object has the name and the colour that the file gives to all of it;
colours of single triangles, textures, beams and slices are passed over. A file that declares an extension
necessary which changes the shape is refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from app.calculator.errors import CadInvalid, CadTooComplex, CadUnreadable
from app.calculator.geometry.mesh_looks import Colour
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.digits import Corners, Indices, floats, integers
from app.calculator.readers.threemf_package import feed, parser_of_elements, part_name
from app.calculator.readers.threemf_rows import Attributes, Rows

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
MATERIAL = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
HARMLESS = {
    CORE,
    PRODUCTION,
    MATERIAL,
    "http://schemas.microsoft.com/3dmanufacturing/trianglesets/2021/07",
}
"""Extensions that may be required of us: the others change the shape or hide it."""

MILLIMETRES = {
    "micron": 0.001,
    "millimeter": 1.0,
    "centimeter": 10.0,
    "inch": 25.4,
    "foot": 304.8,
    "meter": 1000.0,
}
VERTICES_PER_TRIANGLE = 3
"""A mesh in which nothing is shared has as many."""

LONGEST_NAME = 200
MOST_COLOURS = 100_000
"""Further colours of a file are passed over."""

_COLOUR = re.compile(r"#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})?")
_PATH = f"{PRODUCTION} path"
_NUMBERS_OF_A_TRANSFORM = 12
_MOST_DIGITS = 10

Matrix = npt.NDArray[np.float64]
"""Four rows: a point (x, y, z, 1) times it is the point transformed, in millimetres."""


@dataclass(frozen=True)
class Reference:
    """An object used somewhere: its part and id, and where it goes."""

    part: str
    object_id: str
    matrix: Matrix


@dataclass
class Body:
    """An object: a mesh, or components made of other objects."""

    kind: str
    name: str | None = None
    colour: Colour | None = None
    vertices_mm: Corners = field(default_factory=lambda: np.zeros((0, 3)))
    faces: Indices = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
    components: list[Reference] = field(default_factory=list)


@dataclass
class Model:
    """One model part."""

    unit: str = "millimeter"
    bodies: dict[str, Body] = field(default_factory=dict)
    items: list[Reference] = field(default_factory=list)


def read_model(part: str, chunks: Iterator[bytes], limits: ReadLimits) -> Model:
    """Parse a model part called ``part``; triangles and objects are counted on the way.

    Raises ``CadUnreadable``, ``CadInvalid`` or ``CadTooComplex``.
    """
    hearing = _Hearing(part, limits)
    parser = parser_of_elements()
    parser.ordered_attributes = True
    parser.StartNamespaceDeclHandler = hearing.prefix
    parser.StartElementHandler = hearing.start
    feed(parser, chunks, hearing.settle)
    return hearing.finished()


class _Hearing:
    """Hears every element that begins and fills the model."""

    def __init__(self, part: str, limits: ReadLimits) -> None:
        self._part = part
        self._limits = limits
        self._model = Model()
        self._scale = 1.0
        self._body: Body | None = None
        self._prefixes: dict[str, str] = {}
        self._vertices = Rows(("x", "y", "z"), floats, VERTICES_PER_TRIANGLE * limits.max_triangles)
        self._triangles = Rows(("v1", "v2", "v3"), integers, limits.max_triangles)
        self._references = 0
        self._palette: list[Colour | None] = []
        self._palettes: dict[str, list[Colour | None]] = {}
        self._colours_left = MOST_COLOURS
        self._hear: dict[str, Callable[[Attributes], None]] = {
            f"{CORE} vertex": self._vertices.add,
            f"{CORE} triangle": self._triangles.add,
            f"{CORE} model": self._begin_model,
            f"{CORE} basematerials": self._begin_palette,
            f"{MATERIAL} colorgroup": self._begin_palette,
            f"{CORE} base": lambda attributes: self._add_colour(attributes, "displaycolor"),
            f"{MATERIAL} color": lambda attributes: self._add_colour(attributes, "color"),
            f"{CORE} object": self._begin_object,
            f"{CORE} component": self._add_component,
            f"{CORE} build": lambda _: self._close_object(),
            f"{CORE} item": self._add_item,
        }

    def prefix(self, name: str | None, uri: str) -> None:
        """A namespace was given a short name."""
        self._prefixes[name or ""] = uri

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins; attributes come flat."""
        hear = self._hear.get(name)
        if hear is not None:
            hear(attributes)

    def settle(self) -> None:
        """Some of the text has been heard."""
        self._vertices.settle()
        self._triangles.settle()

    def finished(self) -> Model:
        """The whole model."""
        self._close_object()
        return self._model

    def _begin_model(self, attributes: Attributes) -> None:
        named = _named(attributes)
        unit = named.get("unit", "millimeter")
        if unit not in MILLIMETRES:
            message = f"the unit {unit[:40]} is none of 3MF"
            raise CadUnreadable(message)
        self._model.unit, self._scale = unit, MILLIMETRES[unit]
        for prefix in named.get("requiredextensions", "").split():
            if self._prefixes.get(prefix) not in HARMLESS:
                message = f"the model needs the 3MF extension {prefix[:40]}, which this service does not read"
                raise CadInvalid(message)

    def _begin_object(self, attributes: Attributes) -> None:
        self._close_object()
        named = _named(attributes)
        object_id = named.get("id", "")
        if object_id in self._model.bodies:
            raise CadUnreadable("two objects have the same id")
        if len(self._model.bodies) >= self._limits.max_entities:
            raise CadTooComplex("the model has more objects than this service reads")
        self._body = Body(named.get("type", "model"), _plain(named.get("name", "")), self._colour(named))
        self._model.bodies[object_id] = self._body

    def _begin_palette(self, attributes: Attributes) -> None:
        self._palette = []
        if len(self._palettes) < MOST_COLOURS:
            self._palettes[_named(attributes).get("id", "")] = self._palette

    def _add_colour(self, attributes: Attributes, name: str) -> None:
        self._colours_left -= 1
        if self._colours_left >= 0:
            self._palette.append(_parsed(_named(attributes).get(name, "")))

    def _colour(self, named: dict[str, str]) -> Colour | None:
        """What an object says of all its triangles; nothing where that leads nowhere."""
        palette, index = self._palettes.get(named.get("pid", ""), []), named.get("pindex", "0")
        if not (index.isascii() and index.isdigit() and len(index) < _MOST_DIGITS):
            return None
        return palette[int(index)] if int(index) < len(palette) else None

    def _close_object(self) -> None:
        vertices, faces = self._vertices.taken(), self._triangles.taken()
        if self._body is not None and len(faces):
            if int(faces.min()) < 0 or int(faces.max()) >= len(vertices):
                raise CadUnreadable("a triangle names a vertex that is not there")
            self._body.vertices_mm, self._body.faces = vertices * self._scale, faces
        self._body = None

    def _add_component(self, attributes: Attributes) -> None:
        if self._body is None:
            raise CadUnreadable("a component stands outside of an object")
        self._body.components.append(self._reference(attributes))

    def _add_item(self, attributes: Attributes) -> None:
        self._model.items.append(self._reference(attributes))

    def _reference(self, attributes: Attributes) -> Reference:
        self._references += 1
        if self._references > self._limits.max_entities:
            raise CadTooComplex("the model has more components than this service reads")
        named = _named(attributes)
        return Reference(
            part_name(named.get(_PATH, self._part)),
            named.get("objectid", ""),
            _matrix(named.get("transform"), self._scale),
        )


def _plain(name: str) -> str | None:
    return "".join(letter for letter in name if letter.isprintable()).strip()[:LONGEST_NAME] or None


def _parsed(text: str) -> Colour | None:
    """``#RRGGBB`` with or without opacity, on the scale of screens."""
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        return None
    red, green, blue = (int(pair, 16) / 255 for pair in found.groups()[:3])
    return red, green, blue


def _named(attributes: Attributes) -> dict[str, str]:
    return dict(zip(attributes[::2], attributes[1::2], strict=True))


def _matrix(text: str | None, scale: float) -> Matrix:
    """Twelve numbers, row by row; the last row moves, in the unit of the file."""
    if text is None:
        return np.eye(4, 3)
    try:
        numbers = np.array([float(word) for word in text.split()])
    except ValueError as error:
        raise CadUnreadable("a transform holds something that is not a number") from error
    if len(numbers) != _NUMBERS_OF_A_TRANSFORM or not np.isfinite(numbers).all():
        raise CadUnreadable("a transform is not made of twelve numbers")
    matrix: Matrix = numbers.reshape(4, 3)
    matrix[3] *= scale
    if not abs(np.linalg.det(matrix[:3])) > 0:
        raise CadUnreadable("a transform makes its object flat")
    return matrix
