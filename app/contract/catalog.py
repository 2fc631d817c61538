"""The public side of the catalogue: what can be made, of what, and how; without rates."""

from typing import Any, Generic, Literal

from app.contract.base import Finite, Message, Text
from app.contract.pricing import L


class ServiceOf(Message, Generic[L]):
    """A service of the shop and whether it prices itself."""

    id: str
    label: L
    pricing: Literal["automatic", "on_request"]


class FormOf(Message, Generic[L]):
    """A form a material is bought in, and the processes that can use it."""

    id: str
    label: L
    processes: tuple[str, ...]


class MaterialOf(Message, Generic[L]):
    """A material without its purchase prices."""

    id: str
    label: L
    family: str
    density_kg_m3: Finite | None
    forms: tuple[FormOf[L], ...]


class OptionOf(Message, Generic[L]):
    """Something that can be chosen: a tolerance, a finish, a cover, a control, a certificate."""

    id: str
    label: L


class LocationOf(Message, Generic[L]):
    """A place of production without its rates."""

    id: str
    name: str
    label: L


class CatalogMachine(Message):
    """A machine and its working space; a missing extent means that no limit is recorded."""

    id: str
    name: str
    type: str
    axes: int | None
    location_id: str
    x_mm: Finite | None
    y_mm: Finite | None
    z_mm: Finite | None


class ProcessOf(Message, Generic[L]):
    """A process that prices itself, with the JSON Schema of its ``params``."""

    id: str
    label: L
    params: dict[str, Any]


CatalogService = ServiceOf[Text]
CatalogForm = FormOf[Text]
CatalogMaterial = MaterialOf[Text]
CatalogOption = OptionOf[Text]
CatalogLocation = LocationOf[Text]
CatalogProcess = ProcessOf[Text]


class Catalog(Message):
    """The public side of the catalogue; ``version`` is the hash of all its rows."""

    version: str
    currency: str
    services: tuple[CatalogService, ...]
    materials: tuple[CatalogMaterial, ...]
    tolerances: tuple[CatalogOption, ...]
    finishes: tuple[CatalogOption, ...]
    covers: tuple[CatalogOption, ...]
    controls: tuple[CatalogOption, ...]
    certificates: tuple[CatalogOption, ...]
    locations: tuple[CatalogLocation, ...]
    machines: tuple[CatalogMachine, ...]
    processes: tuple[CatalogProcess, ...]
