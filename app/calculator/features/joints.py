"""Faces that belong together (union-find)."""

from collections.abc import Iterable, Iterator

from app.calculator.features.graph import Face


class Joints:
    """Groups of faces that grow by joining."""

    def __init__(self) -> None:
        self._leader: dict[Face, Face] = {}

    def find(self, face: Face) -> Face:
        """The face that speaks for all that belong to this one."""
        leader = self._leader
        while leader.setdefault(face, face) is not face:
            leader[face] = leader[leader[face]]
            face = leader[face]
        return face

    def join(self, faces: Iterable[Face]) -> None:
        """Make them belong together."""
        first: Face | None = None
        for face in faces:
            if first is None:
                first = self.find(face)
            else:
                self._leader[self.find(face)] = self.find(first)

    def groups(self) -> Iterator[list[Face]]:
        """Everything that was named, by belonging, in the order it was named."""
        found: dict[Face, list[Face]] = {}
        for face in self._leader:
            found.setdefault(self.find(face), []).append(face)
        yield from found.values()
