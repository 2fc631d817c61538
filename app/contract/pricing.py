"""What is asked of pricing, and the price that proves itself line by line."""

from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import Discriminator, Field, JsonValue, Strict, Tag, model_validator

from app.contract.base import Bounded, Finite, Message, Money, Text
from app.contract.geometry import Finding, PartFacts
from app.contract.params import Params

L = TypeVar("L", Text, str)
"""How a label is held: in all languages between the services, in one towards a client."""

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""The name of a row of the catalogue."""
Quantity = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
"""Pieces: a number, neither ``true`` nor ``"3"``."""
Exact = Annotated[Finite, Strict()]
"""A number that no text stands for."""
Count = Annotated[int, Strict()]
Length = Annotated[Decimal, Field(gt=0, le=100_000, max_digits=12, decimal_places=6)]
LeadTime = Literal["economy", "standard", "express"]
Engine = Literal["rules", "features", "learned"]


class BoxDimensions(Bounded, Message):
    """A rectangular part, lengths in millimetres."""

    length_mm: Length
    width_mm: Length
    height_mm: Length


class CylinderDimensions(Bounded, Message):
    """A round part, lengths in millimetres."""

    diameter_mm: Length
    length_mm: Length


def _shape(given: Any) -> str:  # noqa: ANN401 - runs before validation
    is_round = "diameter_mm" in given if isinstance(given, dict) else isinstance(given, CylinderDimensions)
    return "[cylinder]" if is_round else "[box]"


Dimensions = Annotated[
    Annotated[BoxDimensions, Tag("[box]")] | Annotated[CylinderDimensions, Tag("[cylinder]")],
    Discriminator(_shape),
]
"""A part with a diameter is round, any other a box; what is in brackets is no field of the request."""


class Wishes(Bounded, Message):
    """What the customer chooses; ``None`` means "your default", which the price then names as assumed."""

    material_id: Id | None = None
    material_form: Id | None = None
    quantity: Quantity = 1
    quantities: Annotated[list[Quantity], Field(min_length=1, max_length=100)] | None = None
    tolerance_id: Id | None = None
    finish_id: Id | None = None
    cover_ids: Annotated[list[Id], Field(max_length=20)] = []
    control_id: Id | None = None
    certificate_ids: Annotated[list[Id], Field(max_length=20)] = []
    location_id: Id | None = None
    lead_time: LeadTime | None = None
    params: Params = {}
    sensitivity: bool = Field(False, description="Whether to look for changes that would lower the price.")


class PriceChoices(Wishes):
    """The choices for one service."""

    service_id: Id


class CompareChoices(Wishes):
    """The choices for all services; ``params`` are those of ``service_id``, others take their defaults."""

    service_id: Id | None = None


class GivenPart(Message):
    """The part: measured facts of a file, or dimensions, exactly one of them.

    ``catalog_version`` names the catalogue the caller knows; another one answers ``unknown-catalog``.
    ``costs`` asks for the lines down to the cost.
    """

    facts: PartFacts | None = None
    dimensions: Dimensions | None = None
    catalog_version: str | None = None
    costs: bool = False

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        if (self.facts is None) == (self.dimensions is None):
            message = "exactly one of facts and dimensions is needed"
            raise ValueError(message)
        return self


class PriceRequest(PriceChoices, GivenPart):
    """A part to be priced for one service."""


class CompareRequest(CompareChoices, GivenPart):
    """A part to be priced for every service that prices itself."""


class Figure(Message):
    """A physical quantity with its unit."""

    value: Finite
    unit: str


class LineOf(Message, Generic[L]):
    """One line of the price for the whole quantity; children sum exactly to their parent.

    ``rows`` are the rows of the catalogue behind it, as "table/key"; customers are not told them.
    """

    code: str
    label: L
    amount: Money
    formula: str
    inputs: dict[str, Figure] = {}
    share: Finite
    feature_id: str | None = None
    rows: tuple[str, ...] = ()
    children: "tuple[LineOf[L], ...]" = ()


CostLine = LineOf[Text]


class FeatureShare(Message):
    """What a feature costs, all lines together; ``None`` is the part itself. All of them sum to the total."""

    feature_id: str | None
    amount: Money
    share: Finite


class ChangeOf(Message, Generic[L]):
    """Something the customer could do without or do otherwise, and the total it was really priced at."""

    code: str
    label: L
    total_price: Money
    effect: Finite
    feature_id: str | None = None


class Stock(Message):
    """The blank a piece is made of; a ``part`` is the customer's own, which is only treated."""

    shape: Literal["box", "cylinder", "sheet", "powder", "filament", "resin", "part"]
    dimensions: Dimensions | None


class MaterialUse(Message):
    """Material per piece; ``cost`` is the amount of the material line, for the whole quantity."""

    id: str
    form: str
    stock: Stock
    volume_mm3: Exact
    mass_kg: Exact
    cost: Money


class Hours(Message):
    """Working hours for the whole quantity."""

    setup: Exact
    machining: Exact
    finishing: Exact
    total: Exact


class Break(Message):
    """The price at another quantity."""

    quantity: int
    unit_price: Money
    total_price: Money


class Band(Message):
    """The range the total is honestly expected in."""

    low: Money
    high: Money


class Reason(Message):
    """Why a person should look at this price before it binds."""

    code: str
    message: str


class LeadTimePartOf(Message, Generic[L]):
    """What of the standard lead time goes into what; ``rows`` are those of the catalogue behind it."""

    code: str
    label: L
    days: int
    formula: str
    inputs: dict[str, Figure] = {}
    rows: tuple[str, ...] = ()


class LeadTimeOption(Message):
    """A delivery option with its price."""

    id: LeadTime
    days: int
    total_price: Money


class MachineFit(Message):
    """A machine of the process at the location, and why the part does not fit if it does not."""

    id: str
    name: str
    fits: bool
    reason: str | None = None


class Used(Message):
    """A value the price was made with; ``assumed`` when the caller did not choose it."""

    value: JsonValue
    assumed: bool


class PriceOf(Message, Generic[L]):
    """A price and its proof. Top lines sum exactly to ``total_price``.

    ``lead_time_parts`` come with the costs only; together they are the days of the standard option.
    """

    service_id: str
    engine: Engine
    currency: str
    quantity: Count
    unit_price: Money
    total_price: Money
    material: MaterialUse
    hours: Hours
    lines: tuple[LineOf[L], ...]
    by_feature: tuple[FeatureShare, ...] = ()
    breaks: tuple[Break, ...]
    band: Band | None
    review: bool
    reasons: tuple[Reason, ...]
    lead_time_days: Count
    lead_times: tuple[LeadTimeOption, ...]
    lead_time_parts: tuple[LeadTimePartOf[L], ...] = ()
    machines: tuple[MachineFit, ...]
    findings: tuple[Finding, ...]
    used: dict[str, Used]
    catalog_version: str
    quote_hash: str
    sensitivity: tuple[ChangeOf[L], ...] = ()


class Price(PriceOf[Text]):
    """The calculator's answer; ``cost_lines`` are the same tree down to rates, purchase prices and profit."""

    cost_lines: tuple[CostLine, ...] = ()
    calculator_seconds: Exact
