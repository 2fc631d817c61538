"""Names and colours of a STEP file, by way of OCCT's documents (XCAF)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from OCP.Quantity import Quantity_Color
from OCP.STEPCAFControl import STEPCAFControl_Reader
from OCP.TCollection import TCollection_AsciiString, TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label, TDF_LabelSequence
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopTools import TopTools_IndexedMapOfShape
from OCP.XCAFDoc import (
    XCAFDoc_ColorTool,
    XCAFDoc_ColorType,
    XCAFDoc_DocumentTool,
    XCAFDoc_ShapeTool,
)

from app.calculator.errors import CadInvalid
from app.calculator.geometry.looks import Colours, Looks
from app.calculator.geometry.part import SolidPart
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step import parse, read_by, shape_of
from app.calculator.readers.step_healing import trim_healing

LONGEST_NAME = 200
_MOST_LABELS = 100_000
"""An assembly may name itself to be larger than anything that could be drawn."""
_NAMELESS = re.compile(r"(Open CASCADE STEP translator.*|SOLID|COMPOUND|COMPSOLID|SHELL|)")
"""What OCCT calls products that nobody named."""
_KINDS = (XCAFDoc_ColorType.XCAFDoc_ColorSurf, XCAFDoc_ColorType.XCAFDoc_ColorGen)
_SRGB_KNEE, _SRGB_SLOPE, _SRGB_OFFSET, _SRGB_POWER = 0.0031308, 12.92, 0.055, 1 / 2.4

OcctObject = Any
"""OCP has no types."""
Colour = tuple[float, float, float]


def read_step_with_looks(path: Path, limits: ReadLimits) -> tuple[SolidPart, Looks]:
    """The same part with the same faces as ``read_step`` gives, and what the file says of its appearance."""
    alive: list[OcctObject] = []

    def transfer(path: Path, trimmed: bool) -> tuple[OcctObject, OcctObject]:  # noqa: FBT001 - as ``Transfer`` says
        document, reader = TDocStd_Document(TCollection_ExtendedString("part")), _reader()
        alive[:] = document, reader  # the reader inside is only lent
        inner = reader.ChangeReader()
        parse(reader, path)
        if trimmed:
            trim_healing(inner)
        if not inner.NbRootsForTransfer() or not reader.Transfer(document):
            raise CadInvalid("the file holds no shape")
        return inner, shape_of(inner)

    part = read_by(transfer, path, limits)
    return part, _looks(part.shape, alive[0])


def _reader() -> OcctObject:
    reader = STEPCAFControl_Reader()
    reader.SetNameMode(True)
    reader.SetColorMode(True)
    for unneeded in (reader.SetLayerMode, reader.SetPropsMode, reader.SetGDTMode, reader.SetMatMode):
        unneeded(False)
    return reader


@dataclass(frozen=True)
class _Body:
    solid: OcctObject
    name: str | None
    colour: Colour | None


@dataclass
class _Known:
    """Shapes wherever they are placed, and what is known of each."""

    shapes: OcctObject = field(default_factory=TopTools_IndexedMapOfShape)
    values: dict[int, Any] = field(default_factory=dict)

    def learn(self, shape: OcctObject, value: object) -> None:
        self.values[self.shapes.Add(_unplaced(shape))] = value

    def of(self, shape: OcctObject) -> Any:  # noqa: ANN401 - bodies or colours
        return self.values.get(self.shapes.FindIndex(_unplaced(shape)))


def _looks(shape: OcctObject, document: OcctObject) -> Looks:
    solids = list(_explore(shape, TopAbs_ShapeEnum.TopAbs_SOLID))
    painted, known = _Known(), _Known()
    bodies = list(islice(_bodies(document, painted), len(solids)))
    for body in reversed(bodies):
        known.learn(body.solid, body)
    names: list[str | None] = []
    colours: list[Colour | None] = []
    for index, solid in enumerate(solids):
        in_turn = bodies[index] if index < len(bodies) and bodies[index].solid.IsPartner(solid) else None
        body = in_turn or known.of(solid) or _Body(solid, None, None)
        names.append(body.name)
        colours += [painted.of(face) or body.colour for face in _explore(solid, TopAbs_ShapeEnum.TopAbs_FACE)]
    return Looks(tuple(names), _table(colours))


def _table(colours: list[Colour | None]) -> Colours | None:
    if not any(colours):
        return None
    nothing = (np.nan, np.nan, np.nan)
    return np.array([colour or nothing for colour in colours], dtype=np.float32)


def _bodies(document: OcctObject, painted: _Known) -> Iterator[_Body]:
    """The solids of the document in the order of the file.

    Faces with a colour of their own go to ``painted``. What is said of the use of a part in an assembly
    holds there before what is said of the part itself.
    """
    roots = TDF_LabelSequence()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetFreeShapes(roots)
    waiting: list[tuple[OcctObject, Colour | None]] = [(root, None) for root in reversed(_listed(roots))]
    visited = 0
    while waiting and visited < _MOST_LABELS:
        label, inherited = waiting.pop()
        visited += 1
        if XCAFDoc_ShapeTool.IsReference_s(label):
            part = TDF_Label()
            XCAFDoc_ShapeTool.GetReferredShape_s(label, part)
            inherited = _colour(label) or inherited
            label = part
        if XCAFDoc_ShapeTool.IsAssembly_s(label):
            uses = TDF_LabelSequence()
            XCAFDoc_ShapeTool.GetComponents_s(label, uses, False)
            inherited = inherited or _colour(label)
            waiting += [(use, inherited) for use in reversed(_listed(uses))]
        else:
            yield from _solids(label, inherited or _colour(label), painted)


def _solids(label: OcctObject, colour: Colour | None, painted: _Known) -> Iterator[_Body]:
    """The solids of one part; labels below it speak of some of its solids, shells and faces."""
    named, parts = _Known(), TDF_LabelSequence()
    XCAFDoc_ShapeTool.GetSubShapes_s(label, parts)
    below = [(XCAFDoc_ShapeTool.GetShape_s(part), part) for part in _listed(parts)]
    for shape, part in sorted(below, key=lambda pair: int(pair[0].ShapeType())):
        own = _colour(part)
        if shape.ShapeType() == TopAbs_ShapeEnum.TopAbs_SOLID:
            named.learn(shape, _name(part))
        if own is not None:
            for face in _explore(shape, TopAbs_ShapeEnum.TopAbs_FACE):
                painted.learn(face, own)
    for solid in _explore(XCAFDoc_ShapeTool.GetShape_s(label), TopAbs_ShapeEnum.TopAbs_SOLID):
        yield _Body(solid, named.of(solid) or _name(label), colour)


def _name(label: OcctObject) -> str | None:
    if not label.IsAttribute(TDataStd_Name.GetID_s()):  # looking for one that is not there kills the process
        return None
    attribute = TDataStd_Name()
    label.FindAttribute(TDataStd_Name.GetID_s(), attribute)
    text = TCollection_AsciiString(attribute.Get(), "\0").ToCString()
    plain = "".join(character for character in text if character.isprintable()).strip()
    return None if _NAMELESS.fullmatch(plain) else plain[:LONGEST_NAME]


def _colour(label: OcctObject) -> Colour | None:
    found = Quantity_Color()
    if not any(XCAFDoc_ColorTool.GetColor_s(label, kind, found) for kind in _KINDS):
        return None
    return _shown(found.Red()), _shown(found.Green()), _shown(found.Blue())


def _shown(light: float) -> float:
    """From the scale of light, in which OCCT keeps colours, to that of screens (IEC 61966-2-1)."""
    if light <= _SRGB_KNEE:
        return _SRGB_SLOPE * light
    return float((1 + _SRGB_OFFSET) * light**_SRGB_POWER - _SRGB_OFFSET)


def _unplaced(shape: OcctObject) -> OcctObject:
    return shape.Located(TopLoc_Location())


def _listed(labels: OcctObject) -> list[OcctObject]:
    """Labels that outlive the sequence, which only lends them."""
    lent = (labels.Value(index) for index in range(1, labels.Length() + 1))
    return [label.Father().FindChild(label.Tag(), False) for label in lent]


def _explore(shape: OcctObject, kind: OcctObject) -> Iterator[OcctObject]:
    explorer = TopExp_Explorer(shape, kind)
    while explorer.More():
        yield explorer.Current()
        explorer.Next()
