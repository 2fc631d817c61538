"""The catalogue on the wire: never paged, always with its version."""

from typing import Generic, TypeVar

from app.contract.catalog import CatalogMachine, LocationOf, MaterialOf, OptionOf, ProcessOf, ServiceOf
from app.core.schemas import Schema

T = TypeVar("T")


class CatalogList(Schema, Generic[T]):
    """All rows of one kind."""

    items: list[T]
    catalog_version: str


class Coefficients(Schema):
    """What can be chosen besides material and process."""

    tolerances: list[OptionOf[str]]
    finishes: list[OptionOf[str]]
    covers: list[OptionOf[str]]
    controls: list[OptionOf[str]]
    certificates: list[OptionOf[str]]
    catalog_version: str


ServiceList = CatalogList[ServiceOf[str]]
MaterialList = CatalogList[MaterialOf[str]]
LocationList = CatalogList[LocationOf[str]]
MachineList = CatalogList[CatalogMachine]
ProcessList = CatalogList[ProcessOf[str]]
