"""What would make the price lower: changes a customer could decide on, each really priced.

A proposal changes the wishes or the measured part, never the catalogue. Those that cost less are told, the
most effective first.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Option
from app.calculator.errors import CalculatorError
from app.contract.base import Text
from app.contract.geometry import Feature, PartFacts
from app.contract.pricing import ChangeOf, Price, PriceRequest

MOST_TOLD = 5
MOST_FEATURES = 8
"""Features of a kind that are tried; the dearest come first."""
EFFECT_PLACES = 4
WIDER_RADIUS_MM = 3.0
USUAL_DEPTH_RATIO = 4.0
"""Up to four diameters a hole is drilled in one go, and up to four widths a pocket milled without care."""

Pricing = Callable[[PriceRequest], Price]


@dataclass(frozen=True)
class Proposal:
    """A request that could be made instead."""

    code: str
    label: Text
    request: PriceRequest
    feature_id: str | None = None


def sensitivity(
    request: PriceRequest, price: Price, catalog: Catalog, pricing: Pricing
) -> tuple[ChangeOf[Text], ...]:
    """The changes that lower the price most; ``effect`` is the share of the price they save.

    Another quantity is judged by the price of a piece, everything else by the total.
    """
    found: list[ChangeOf[Text]] = []
    for proposal in _proposals(request, price, catalog):
        try:
            instead = pricing(proposal.request)
        except CalculatorError:
            continue
        effect = 1 - float(instead.unit_price / price.unit_price) if price.unit_price else 0.0
        if effect > 0:
            found.append(
                ChangeOf[Text](
                    code=proposal.code,
                    label=proposal.label,
                    total_price=instead.total_price,
                    effect=round(effect, EFFECT_PLACES),
                    feature_id=proposal.feature_id,
                )
            )
    return tuple(sorted(found, key=lambda change: -change.effect)[:MOST_TOLD])


def _proposals(request: PriceRequest, price: Price, catalog: Catalog) -> Iterator[Proposal]:
    yield from _coarser("tolerance_id", request, price, catalog.tolerances.values())
    yield from _coarser("finish_id", request, price, catalog.finishes.values())
    yield from _without_covers(request, catalog)
    yield from _more_pieces(request, price)
    yield from _patience(request, price)
    if request.facts is not None:
        yield from _other_features(request, request.facts, price)


def _coarser(field: str, request: PriceRequest, price: Price, table: Iterable[Option]) -> Iterator[Proposal]:
    """The next coarser grade: that with the next lower factor."""
    rows = {row.id: row for row in table}
    now = rows[str(price.used[field].value)]
    lower = [row for row in rows.values() if row.factor < now.factor]
    if lower:
        instead = max(lower, key=lambda row: row.factor)
        label = Text(en=f"{now.label.en} → {instead.label.en}", ru=f"{now.label.ru} → {instead.label.ru}")
        yield Proposal(field.removesuffix("_id"), label, _asked(request, **{field: instead.id}))


def _without_covers(request: PriceRequest, catalog: Catalog) -> Iterator[Proposal]:
    for cover in sorted(set(request.cover_ids)):
        row = catalog.covers.get(cover)
        if row is None:
            continue
        rest = [other for other in request.cover_ids if other != cover]
        label = Text(en=f"Without: {row.label.en}", ru=f"Без: {row.label.ru}")
        yield Proposal("cover", label, _asked(request, cover_ids=rest))


def _more_pieces(request: PriceRequest, price: Price) -> Iterator[Proposal]:
    larger = [one.quantity for one in price.breaks if one.quantity > request.quantity]
    if larger:
        more = min(larger)
        label = Text(en=f"{request.quantity} → {more} pieces", ru=f"{request.quantity} → {more} шт.")
        yield Proposal("quantity", label, _asked(request, quantity=more))


def _patience(request: PriceRequest, price: Price) -> Iterator[Proposal]:
    order = ("express", "standard", "economy")
    now = str(price.used["lead_time"].value)
    if now != order[-1]:
        slower = order[order.index(now) + 1]
        label = Text(en=f"Delivery: {slower}", ru=f"Срок: {slower}")
        yield Proposal("lead-time", label, _asked(request, lead_time=slower))


def _other_features(request: PriceRequest, facts: PartFacts, price: Price) -> Iterator[Proposal]:
    """The dearest features, each in an easier shape."""
    cost = {share.feature_id: share.amount for share in price.by_feature}
    dearest = sorted(facts.features, key=lambda feature: -cost.get(feature.id, 0))
    for kind, easier in (("pocket", _wider_corner), ("pocket", _shallower_pocket), ("hole", _shallower_hole)):
        for feature in [one for one in dearest if one.kind == kind][:MOST_FEATURES]:
            found = easier(feature)
            if found is not None:
                code, label, changed = found
                features = tuple(changed if one.id == feature.id else one for one in facts.features)
                other = facts.model_copy(update={"features": features})
                yield Proposal(code, label, _asked(request, facts=other), feature.id)


def _wider_corner(feature: Feature) -> tuple[str, Text, Feature] | None:
    radius = _number(feature, "corner_radius_mm")
    if radius is None or radius >= WIDER_RADIUS_MM:
        return None
    told = f"{radius:g} → {WIDER_RADIUS_MM:g}"
    label = Text(en=f"Corner radius {told} mm", ru=f"Радиус угла {told} мм")
    return "corner-radius", label, _with(feature, corner_radius_mm=WIDER_RADIUS_MM)


def _shallower_pocket(feature: Feature) -> tuple[str, Text, Feature] | None:
    depth, width = _number(feature, "depth_mm"), _number(feature, "width_mm")
    if depth is None or not width or depth <= USUAL_DEPTH_RATIO * width:
        return None
    instead = USUAL_DEPTH_RATIO * width
    label = Text(
        en=f"Pocket depth {depth:g} → {instead:g} mm", ru=f"Глубина кармана {depth:g} → {instead:g} мм"
    )
    return "pocket-depth", label, _with(feature, depth_mm=instead)


def _shallower_hole(feature: Feature) -> tuple[str, Text, Feature] | None:
    depth, diameter = _number(feature, "depth_mm"), _number(feature, "diameter_mm")
    through = (feature.__pydantic_extra__ or {}).get("type") == "through"
    if through or depth is None or not diameter or depth <= USUAL_DEPTH_RATIO * diameter:
        return None
    instead = USUAL_DEPTH_RATIO * diameter
    label = Text(
        en=f"Hole depth {depth:g} → {instead:g} mm", ru=f"Глубина отверстия {depth:g} → {instead:g} мм"
    )
    return "hole-depth", label, _with(feature, depth_mm=instead)


def _number(feature: Feature, name: str) -> float | None:
    value = (feature.__pydantic_extra__ or {}).get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _with(feature: Feature, **figures: float) -> Feature:
    return Feature.model_validate({**feature.model_dump(), **figures})


def _asked(request: PriceRequest, **changes: Any) -> PriceRequest:  # noqa: ANN401 - any field of the request
    """The same request with a change, without breaks and further questions."""
    quiet = {"sensitivity": False, "costs": False, "quantities": [changes.get("quantity", request.quantity)]}
    return request.model_copy(update={**quiet, **changes})
