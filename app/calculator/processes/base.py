"""What a process is asked and what it answers: a plan in physical quantities, never money."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from app.calculator.catalog.cutting_rows import Machinability
from app.calculator.catalog.laser_rows import LaserData
from app.calculator.catalog.rows import Form, Machine, Material, MaterialForm
from app.calculator.catalog.rows import Stock as StockSize
from app.calculator.processes.lacks import Lack
from app.calculator.processes.shape import Clampings, FaceAreas, Hole, Turned
from app.contract.base import Text
from app.contract.geometry import Finding
from app.contract.pricing import Stock

ZERO = Decimal(0)
ONE = Decimal(1)
PI = Decimal("3.141592653589793")
MM3_PER_M3 = Decimal(10) ** 9
MM3_PER_CM3 = Decimal(1000)
MM2_PER_CM2 = Decimal(100)
MINUTES_PER_HOUR = Decimal(60)

T = TypeVar("T")
Extents = tuple[Decimal, Decimal, Decimal]
Group = Literal["setup", "machining", "finishing", "equipment"]
Inputs = Mapping[str, tuple[Decimal | int, str]]
"""Physical quantities behind a figure, with units; names end in what for: ``_per_piece``, ``_per_bar``."""
NO_INPUTS: Inputs = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A round outline in millimetres."""

    diameter_mm: Decimal
    length_mm: Decimal


@dataclass(frozen=True, slots=True)
class Recognised:
    """A feature of any kind: its numbers in exact figures, its words as they are."""

    id: str
    kind: str
    numbers: Mapping[str, Decimal]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Orientation:
    """The part standing as it is printed best; see ``Overhang`` of the facts."""

    height_mm: Decimal
    wall_mm2: Decimal
    roof_mm2: Decimal
    support_volume_mm3: Decimal


@dataclass(frozen=True, slots=True)
class Outline:
    """A flat part as a drawing shows it, with the thickness that was asked for."""

    thickness_mm: Decimal
    area_mm2: Decimal
    cut_length_mm: Decimal
    contours: int


@dataclass(frozen=True)
class Measured:
    """What a file tells beyond the outer size.

    ``revolved`` is ``None`` when the file (a mesh) cannot tell whether there are surfaces of revolution,
    ``clampings`` where nobody looked from where tools come, ``faces`` where there are none to tell apart,
    ``wall_mm`` where no wall was measured. ``outline`` is there when the file is a drawing.
    """

    volume_mm3: Decimal
    area_mm2: Decimal
    holes: tuple[Hole, ...]
    revolved: bool | None
    features: tuple[Recognised, ...] = ()
    clampings: Clampings | None = None
    hole_directions: int = 0
    turned: Turned | None = None
    faces: FaceAreas | None = None
    wall_mm: Decimal | None = None
    trapped_mm3: Decimal = ZERO
    orientation: Orientation | None = None
    hull_volume_mm3: Decimal | None = None
    outline: Outline | None = None

    def of_kind(self, kind: str) -> tuple[Recognised, ...]:
        """The features of one kind, in the order of the facts."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Recognised, ...]]:
        found: dict[str, list[Recognised]] = {}
        for feature in self.features:
            found.setdefault(feature.kind, []).append(feature)
        return {kind: tuple(features) for kind, features in found.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """The part in exact figures: extents in falling order; ``measured`` is missing for bare dimensions."""

    extents_mm: Extents
    cylinder: Cylinder | None
    measured: Measured | None


class Once(Protocol):
    """Remembers what is the same for other materials of the part, its process and parameters unchanged."""

    def __call__(self, key: Hashable, make: Callable[[], T], /) -> T:
        """What was made of the key before, or what is made now; the key names all else it depends on."""


def each_time(key: Hashable, make: Callable[[], T], /) -> T:
    """Remembers nothing."""
    del key
    return make()


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Everything a plan may depend on; a job equals only itself.

    ``machines`` are those that fit, ``stock_sizes`` the sizes in which the form of the material is sold,
    ``laser`` what is recorded about cutting it by laser, ``equipment`` what special equipment is made of.
    """

    part: Part
    material: Material
    form: MaterialForm
    form_limits: Form
    machinability: Machinability | None
    machines: tuple[Machine, ...]
    figures: Mapping[str, Decimal]
    params: BaseModel
    stock_sizes: Sequence[StockSize] = ()
    laser: LaserData | None = None
    equipment: tuple[Material, MaterialForm] | None = None
    once: Once = each_time


class Step(NamedTuple):
    """One piece of work: hours once per batch and hours per piece.

    ``graded``: the tolerance and the finish act on it. ``feature_id`` is the feature it is done for,
    ``rows`` are the rows of the catalogue its hours come from, as "table/key", ``figures`` the figures of the
    process its formula reads, ``data`` what else only the shop is shown. ``hour_figure`` says what an hour of
    a machine costs that works alone; without it a person's wage stands behind every hour, times
    ``hour_factor`` on a dearer machine. What is done ``by_hand`` keeps no machine.
    """

    code: str
    group: Group
    label: Text
    formula: str
    batch_hours: Decimal = ZERO
    piece_hours: Decimal = ZERO
    order_hours: Decimal = ZERO
    graded: bool = True
    inputs: Inputs = NO_INPUTS
    feature_id: str | None = None
    rows: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    data: Inputs = NO_INPUTS
    hour_figure: str | None = None
    hour_factor: Decimal = ONE
    by_hand: bool = False


class Charge(NamedTuple):
    """Something that costs money instead of hours: a lot at a galvanic shop, a coat by the square metre.

    Amounts are in the installation's currency. ``is_price``: what the customer pays, without anything on top;
    otherwise it is a cost, on which profit comes (``is_material``: that on material). ``is_work``: quantity
    bands, covers, control and haste act on it as on working time. ``figures`` are those of the process its
    formula reads, ``rows`` the other rows of the catalogue behind it, ``data`` what else the shop is shown.
    """

    code: str
    group: str
    label: Text
    formula: str
    per_piece: Decimal = ZERO
    per_batch: Decimal = ZERO
    per_order: Decimal = ZERO
    is_price: bool = False
    is_material: bool = False
    is_work: bool = False
    inputs: Inputs = NO_INPUTS
    feature_id: str | None = None
    rows: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    data: Inputs = NO_INPUTS


class Plan(NamedTuple):
    """How one piece comes into being.

    ``pieces_per_batch`` is ``None`` when the whole quantity is one batch; ``batches`` says what batches are
    called. ``complexity`` is a factor on all work. ``usual_stock`` is ``False`` when the blank is larger than
    the form is usually sold. A part that is ``supplied`` belongs to the customer: nothing is bought for it.
    ``waste_included`` says that the volume of the stock holds its waste already. An order costs
    ``minimum_per_order`` at least.
    """

    stock: Stock
    stock_volume_mm3: Decimal
    mass_kg: Decimal
    material_formula: str
    steps: tuple[Step, ...]
    complexity: Decimal = ONE
    pieces_per_batch: int | None = None
    batches: Literal["batches", "builds"] = "batches"
    usual_stock: bool = True
    material_inputs: Inputs = NO_INPUTS
    material_rows: tuple[str, ...] = ()
    charges: tuple[Charge, ...] = ()
    supplied: bool = False
    waste_included: bool = False
    minimum_per_order: Decimal = ZERO


class Process(Protocol):
    """A way to make parts."""

    @property
    def key(self) -> str:
        """The id of its service."""

    def machine_type(self, params: BaseModel) -> str:
        """The machines it runs on."""

    def settled(self, params: BaseModel, material: Material) -> BaseModel:
        """The parameters with what the customer left open and the material decides."""

    def variants(self) -> tuple[Mapping[str, str], ...]:
        """Parameters worth comparing: one set for each technology, an empty one where there is only one."""

    def forms(self, params: BaseModel) -> frozenset[str] | None:
        """The forms of material it takes with these parameters; ``None``: all that name it."""

    def tables(self, params: BaseModel) -> tuple[str, ...]:
        """Where its figures stand, the most general table first; later ones go before earlier ones."""

    @property
    def graded(self) -> bool:
        """Whether tolerance and finish change its work."""

    @property
    def wants_exact_shape(self) -> bool:
        """Whether a mesh, which knows no holes and no true curves, is too little to price it safely."""

    @property
    def figure_ids(self) -> Mapping[str, frozenset[str]]:
        """The figures it needs, by table."""

    @property
    def params(self) -> type[BaseModel]:
        """Its own parameters."""

    def accepts(self, part: Part, figures: Mapping[str, Decimal]) -> Finding | None:
        """Why the process cannot make this part, or ``None``."""

    def misfit(self, part: Part, machine: Machine) -> str | None:
        """Why the part does not fit the machine, or ``None``."""

    def lacks(self, part: Part, machine: Machine, params: BaseModel) -> Lack | None:
        """What the machine does not have that the part or the customer asks for, or ``None``."""

    def ignores(self, *, measured: bool) -> frozenset[str]:
        """Choices that change nothing, as ``params.name``: some are for bare dimensions, some for files."""

    def cheapened_by(self, params: BaseModel, *, measured: bool) -> Iterator[str]:
        """Parameters, as ``params.name``, that make a price lower than the figures of the shop would."""

    def sketch(self, job: Job) -> Plan:
        """As much of the plan of a measured part as depends on the form of the material."""

    def plan_by_rules(self, job: Job) -> Plan:
        """The plan for a part of which only the outer size is known."""

    def plan_by_features(self, job: Job) -> Plan:
        """The plan for a measured part."""
