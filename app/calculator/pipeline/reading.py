"""Which reader a file needs; its content decides."""

from pathlib import Path

from app.calculator.errors import UnsupportedFile
from app.calculator.geometry.part import Part
from app.calculator.readers.base import Reader, ReadLimits, format_of
from app.calculator.readers.dxf import read_dxf
from app.calculator.readers.obj import read_obj
from app.calculator.readers.step import read_step
from app.calculator.readers.stl import read_stl
from app.calculator.readers.threemf import read_threemf
from app.contract.formats import READABLE
from app.contract.geometry import PartFormat

READERS: dict[PartFormat, Reader] = {
    "step": read_step,
    "stl": read_stl,
    "obj": read_obj,
    "3mf": read_threemf,
    "dxf": read_dxf,
}


def read(path: Path, limits: ReadLimits) -> Part:
    """The part in the file.

    Raises ``UnsupportedFile``, ``CadUnreadable``, ``CadInvalid`` or ``CadTooComplex``.
    """
    return READERS[known_format(path)](path, limits)


def known_format(path: Path) -> PartFormat:
    """The format of the file. Raises ``UnsupportedFile``."""
    with path.open("rb") as file:
        kind = format_of(file)
    if kind is None:
        message = f"the content is not {READABLE}"
        raise UnsupportedFile(message)
    return kind
