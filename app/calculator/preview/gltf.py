"""The JSON of a glTF 2.0 file and the arrays it speaks of."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.calculator.geometry.looks import Colours
from app.calculator.geometry.surface import FaceIds
from app.calculator.preview.primitives import runs
from app.calculator.preview.vertices import Indices, Singles

_VERTEX_DATA, _INDEX_DATA = 34962, 34963
_FLOAT, _UNSIGNED_INT = 5126, 5125
_WORD_BYTES = 4
_ROUGHNESS, _METALNESS = 0.55, 0.1
_SRGB_KNEE, _SRGB_SLOPE, _SRGB_OFFSET, _SRGB_POWER = 0.04045, 12.92, 0.055, 2.4

Range = tuple[int, int]
"""From, and to (excluded)."""


@dataclass
class Document:
    """Grows body by body; arrays are written in the order of ``arrays``."""

    materials: list[dict[str, Any]]
    attributes: dict[str, Singles] = field(default_factory=dict)
    indices: Indices | None = None
    accessors: list[dict[str, Any]] = field(default_factory=list)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, materials: Colours) -> "Document":
        """An empty one with a material for every colour."""
        return cls([_material(colour) for colour in _linear(materials).tolist()])

    def add(self, name: str, values: Singles) -> None:
        """An attribute of all vertices."""
        self.attributes[name] = np.ascontiguousarray(values)

    def add_indices(self, indices: Indices) -> None:
        """The corners of all triangles, counted from the first vertex of their primitive."""
        self.indices = indices

    def primitive(
        self, material: int, vertices: Range, corners: Range, faces: list[dict[str, int]]
    ) -> dict[str, Any]:
        """Triangles of one material: their vertices, their corners among all indices, and their faces."""
        first, last = corners
        attributes = {
            name: self._attribute(number, name, vertices) for number, name in enumerate(self.attributes)
        }
        indices = {
            "bufferView": len(self.attributes),
            "byteOffset": first * _WORD_BYTES,
            "componentType": _UNSIGNED_INT,
            "count": last - first,
            "type": "SCALAR",
        }
        return {
            "attributes": attributes,
            "indices": self._accessor(indices),
            "material": material,
            "extras": {"faces": faces},
        }

    def add_body(
        self, name: str, primitives: list[dict[str, Any]], place: tuple[float, float, float]
    ) -> None:
        """A mesh of these primitives and the node that puts it at its place."""
        self.nodes.append({"name": name, "mesh": len(self.meshes), "translation": list(place)})
        self.meshes.append({"name": name, "primitives": primitives})

    @property
    def arrays(self) -> list[memoryview]:
        """What follows the JSON, little-endian whatever the machine is."""
        assert self.indices is not None
        floats = [values.astype("<f4", copy=False) for values in self.attributes.values()]
        return [values.data.cast("B") for values in (*floats, self.indices.astype("<u4", copy=False))]

    @property
    def data_bytes(self) -> int:
        """The size of all arrays together, a multiple of four."""
        return sum(array.nbytes for array in self.arrays)

    def described(self) -> dict[str, Any]:
        """The JSON."""
        return {
            "asset": {"version": "2.0", "generator": "Millwright"},
            "scene": 0,
            "scenes": [{"nodes": list(range(len(self.nodes)))}],
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": self.materials,
            "accessors": self.accessors,
            "bufferViews": self._buffer_views(),
            "buffers": [{"byteLength": self.data_bytes}],
        }

    def _attribute(self, buffer_view: int, name: str, vertices: Range) -> int:
        values = self.attributes[name]
        first, last = vertices
        accessor = {
            "bufferView": buffer_view,
            "byteOffset": first * values[:1].nbytes,
            "componentType": _FLOAT,
            "count": last - first,
            "type": "SCALAR" if values.ndim == 1 else "VEC3",
        }
        if name == "POSITION":
            accessor["min"] = values[first:last].min(axis=0).tolist()
            accessor["max"] = values[first:last].max(axis=0).tolist()
        return self._accessor(accessor)

    def _accessor(self, accessor: dict[str, Any]) -> int:
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def _buffer_views(self) -> list[dict[str, int]]:
        views, offset = [], 0
        for number, array in enumerate(self.arrays):
            view = {"buffer": 0, "byteOffset": offset, "byteLength": array.nbytes, "target": _INDEX_DATA}
            if number < len(self.attributes):
                stride = array.nbytes // len(self.attributes["POSITION"])
                view.update(target=_VERTEX_DATA, byteStride=stride)
            views.append(view)
            offset += array.nbytes
        return views


def faces_table(face_of: FaceIds) -> list[dict[str, int]]:
    """Where the indices of every face begin and how many they are, counted within their primitive."""
    return [
        {"id": int(face_of[first]), "start": 3 * first, "count": 3 * (last - first)}
        for first, last in runs(face_of)
    ]


def _material(colour: list[float]) -> dict[str, Any]:
    surface = {"baseColorFactor": [*colour, 1.0], "metallicFactor": _METALNESS, "roughnessFactor": _ROUGHNESS}
    return {"pbrMetallicRoughness": surface, "doubleSided": True}


def _linear(colours: Colours) -> Colours:
    """From the scale of screens (IEC 61966-2-1) to that of light."""
    bright = ((colours + _SRGB_OFFSET) / (1 + _SRGB_OFFSET)) ** _SRGB_POWER
    linear: Colours = np.where(colours <= _SRGB_KNEE, colours / _SRGB_SLOPE, bright)
    return linear
