"""The rows of the catalogue: one class per table, one table row per thing."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from app.contract.base import Text

RowId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
MAX_DIGITS = 24
MAX_PLACES = 12


def _plain(value: Decimal) -> Decimal:
    """The number without trailing zeros or exponent, so that 2800.0 and 2800 are the same content."""
    return Decimal(f"{value.normalize():f}")


Number = Annotated[
    Decimal,
    Field(allow_inf_nan=False, max_digits=MAX_DIGITS, decimal_places=MAX_PLACES),
    AfterValidator(_plain),
]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
Days = Annotated[int, Field(ge=0)]
HoursPerDay = Annotated[Positive, Field(le=24)]


class Row(BaseModel):
    """Every row says where it comes from and when that was true."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: ClassVar[str]

    source: Annotated[str, Field(min_length=1)]
    date: date

    @property
    def key(self) -> str:
        """What must be unique in the table."""
        raise NotImplementedError

    def content(self) -> dict[str, JsonValue]:
        """The row as it travels and is hashed: what is left at its default is left out.

        So a column that a later release adds with a default changes no version that exists.
        """
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def full_key(self) -> str:
        """How the row is called in the proof of a price."""
        return f"{self.table}/{self.key}"


class NamedRow(Row):
    """A row with an id that requests and other rows use."""

    id: RowId

    @property
    def key(self) -> str:
        """The id."""
        return self.id


class Shop(NamedRow):
    """The shop as a whole; ``material_factor`` is waste and handling on the purchase price.

    Special equipment is made of ``equipment_material_id`` in ``equipment_form``, where they are given.
    People work, and machines run that say nothing else, ``hours_per_day``; ``machines_per_order`` is how many
    run for one order at once.
    """

    table: ClassVar[str] = "shop"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    material_factor: Positive
    default_tolerance_id: RowId
    default_finish_id: RowId
    default_control_id: RowId
    minimum_price: NotNegative = Decimal(0)
    equipment_material_id: RowId | None = None
    equipment_form: RowId | None = None
    hours_per_day: HoursPerDay = Decimal(8)
    machines_per_order: Annotated[int, Field(ge=1)] = 1


class QuantityBand(Row):
    """From ``first`` pieces on: the factor on working time (rules) and extra days."""

    table: ClassVar[str] = "quantity_band"
    first: Annotated[int, Field(ge=1)]
    factor: Positive
    days: Days

    @property
    def key(self) -> str:
        """The first quantity of the band."""
        return str(self.first)


class LeadTimePart(NamedRow):
    """One step of the way to the customer, in working days."""

    table: ClassVar[str] = "lead_time_part"
    days: Days


class LeadTimeOption(NamedRow):
    """A delivery option: its factor on working time and on the days."""

    table: ClassVar[str] = "lead_time_option"
    label: Text
    factor: Positive
    days_factor: Positive


class Form(NamedRow):
    """A form a material is bought in; the limits say which sizes are usual (none: no limit)."""

    table: ClassVar[str] = "form"
    label: Text
    thickness_max_mm: Positive | None = None
    across_max_mm: Positive | None = None


class SheetSize(BaseModel):
    """A whole sheet as it is sold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    width_mm: Positive
    length_mm: Positive


class Stock(NamedRow):
    """The sizes in which a form is sold: of all families of materials when ``families`` is empty.

    ``sizes_mm`` rise: thicknesses of sheets, diameters of round bars, distances across the flats of hexagonal
    ones. Sheets come in ``sheets``, bars in ``bar_lengths_mm``; ``kerf_mm`` is lost with every cut.
    """

    table: ClassVar[str] = "stock"
    standard: Annotated[str, Field(min_length=1, max_length=64)]
    form: RowId
    families: tuple[RowId, ...] = ()
    sizes_mm: Annotated[tuple[Positive, ...], Field(min_length=1)]
    sheets: tuple[SheetSize, ...] = ()
    bar_lengths_mm: tuple[Positive, ...] = ()
    kerf_mm: NotNegative

    @model_validator(mode="after")
    def _is_sorted_and_of_one_kind(self) -> Self:
        if list(self.sizes_mm) != sorted(set(self.sizes_mm)):
            message = "sizes_mm must rise and name each size once"
            raise ValueError(message)
        if bool(self.sheets) == bool(self.bar_lengths_mm):
            message = "either sheets or bar_lengths_mm are needed"
            raise ValueError(message)
        return self


class Service(NamedRow):
    """A service and whether it prices itself."""

    table: ClassVar[str] = "service"
    label: Text
    pricing: Literal["automatic", "on_request"]


class MaterialForm(BaseModel):
    """A form of one material; ``price_per_kg`` is the purchase price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: RowId
    price_per_kg: Positive | None = None
    processes: tuple[RowId, ...]


class Material(NamedRow):
    """A material; ``unpriced`` says why it cannot be priced, else density and prices are there."""

    table: ClassVar[str] = "material"
    label: Text
    family: RowId
    density_kg_m3: Positive | None = None
    machinability: RowId | None = None
    k_handle_min_per_g: Positive | None = None
    original_k_handle: NotNegative | None = None
    hardness_hb: Positive | None = None
    strength_mpa: Positive | None = None
    conductivity_w_mk: Positive | None = None
    unpriced: Text | None = None
    forms: Annotated[tuple[MaterialForm, ...], Field(min_length=1)]


class Location(NamedRow):
    """A place of production: the wage of an hour, and what comes on top as shares of it."""

    table: ClassVar[str] = "location"
    name: str
    label: Text
    price_of_hour: Positive
    extra_salary: NotNegative
    insurance: NotNegative
    overhead: NotNegative
    administrative: NotNegative
    profit_on_material: NotNegative
    profit_on_rest: NotNegative


class Machine(NamedRow):
    """A machine and its working space; a missing extent means that no limit is recorded.

    A lathe of more than two axes has driven tools. ``hours_per_day`` is how long it runs, where it is not as
    long as people work.
    """

    table: ClassVar[str] = "machine"
    name: str
    type: RowId
    axes: Annotated[int, Field(ge=1, le=9)] | None = None
    location_id: RowId
    x_mm: Positive | None = None
    y_mm: Positive | None = None
    z_mm: Positive | None = None
    power_kw: Positive | None = None
    hours_per_day: HoursPerDay | None = None


class Option(NamedRow):
    """Something to choose, with its factor on working time."""

    label: Text
    factor: Positive


class Tolerance(Option):
    """A grade of ISO 286."""

    table: ClassVar[str] = "tolerance"


class Finish(Option):
    """A roughness Ra in micrometres."""

    table: ClassVar[str] = "finish"


class Cover(Option):
    """A cover and the days it takes."""

    table: ClassVar[str] = "cover"
    days: Days


class Control(Option):
    """Who accepts the parts, and the days until he has."""

    table: ClassVar[str] = "control"
    days: Days = 0


class Certificate(NamedRow):
    """A paper and its cost per order."""

    table: ClassVar[str] = "certificate"
    label: Text
    cost: NotNegative


class Figure(Row):
    """A figure of a process, such as an allowance or a rate, in its unit."""

    table: ClassVar[str] = "figure"
    process: RowId
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    value: NotNegative
    unit: str

    @property
    def key(self) -> str:
        """Process and id."""
        return f"{self.process}/{self.id}"
