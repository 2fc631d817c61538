"""Parts are known by the content of their facts, as many as are allowed, and never across catalogues."""

import gc
import weakref
from decimal import Decimal

import pytest

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import load
from app.calculator.catalog.rows import Figure
from app.calculator.pipeline.known import MOST_PARTS, PARTS, KnownParts
from app.calculator.pipeline.quote import quote
from app.contract.geometry import PartFacts
from app.contract.pricing import Price
from tests.factories.parts import make_drawing, make_facts, make_hole, make_price_request

CATALOG = load()


def again(facts: PartFacts) -> PartFacts:
    """The same facts as they arrive with another request."""
    return PartFacts.model_validate_json(facts.model_dump_json())


def content(price: Price) -> dict[str, object]:
    return price.model_dump(exclude={"calculator_seconds"})


class TestKnownParts:
    def test_the_same_facts_are_the_same_part(self) -> None:
        facts, parts = make_facts(), KnownParts()

        known = parts.of(facts)

        assert parts.of(facts) is known
        assert parts.of(again(facts)) is known
        assert known.part(None) is known.part(None)

    def test_how_long_the_analysis_took_makes_no_other_part(self) -> None:
        parts = KnownParts()

        assert parts.of(make_facts(seconds=0.1)) is parts.of(make_facts(seconds=0.2))

    def test_another_figure_makes_another_part(self) -> None:
        parts = KnownParts()

        assert parts.of(make_facts(volume_mm3=90_000.0)) is not parts.of(make_facts(volume_mm3=90_001.0))

    def test_the_part_not_asked_for_the_longest_is_forgotten(self) -> None:
        parts = KnownParts(most=2)
        first, second, third = (make_facts(volume_mm3=90_000.0 + turn) for turn in range(3))
        kept, lost = parts.of(first), parts.of(second)
        parts.of(first)
        parts.of(third)

        assert parts.of(again(first)) is kept
        assert parts.of(again(second)) is not lost

    def test_a_part_too_large_to_be_kept_is_known_for_as_long_as_it_is_the_last(self) -> None:
        parts = KnownParts(most_bytes=10)
        facts = make_facts()
        known = parts.of(facts)

        assert parts.of(facts) is known
        assert parts.of(again(facts)) is not known

    def test_a_drawing_has_the_thickness_that_is_asked_for(self) -> None:
        known = KnownParts().of(make_drawing())

        thin, thick = known.part(Decimal(1)), known.part(Decimal(2))

        assert thin is not None
        assert thick is not None
        assert (thin.extents_mm[2], thick.extents_mm[2]) == (Decimal(1), Decimal(2))


class TestPricesOfAKnownPart:
    def test_are_those_of_a_part_never_seen(self) -> None:
        facts = make_facts(volume_mm3=91_234.5)
        first = quote(make_price_request(facts=facts, quantity=7), CATALOG)
        for choice in ({"quantity": 3}, {"material_id": "steel_45"}, {"params": {"cnc_complexity": "high"}}):
            quote(make_price_request(facts=facts, **choice), CATALOG)

        assert content(quote(make_price_request(facts=again(facts), quantity=7), CATALOG)) == content(first)

    def test_follow_the_figures_of_their_own_catalogue(self) -> None:
        dearer = _with_slower_roughing(CATALOG)
        request = make_price_request(facts=make_facts(volume_mm3=92_345.6))

        before = quote(request, CATALOG)
        instead = quote(request, dearer)
        after = quote(request, CATALOG)

        assert instead.total_price > before.total_price
        assert content(after) == content(before)

    def test_follow_their_own_parameters(self) -> None:
        facts = make_facts(volume_mm3=93_456.7)

        plain = quote(make_price_request(facts=facts), CATALOG)
        special = quote(make_price_request(facts=facts, params={"special_equipment": True}), CATALOG)
        again_plain = quote(make_price_request(facts=facts), CATALOG)

        assert special.total_price > plain.total_price
        assert content(again_plain) == content(plain)

    @pytest.mark.parametrize("service_id", ["cnc-milling", "cnc-lathe"])
    def test_are_the_same_whichever_materials_were_asked_for_before(self, service_id: str) -> None:
        metals = [row.id for row in CATALOG.materials.values() if row.machinability and row.unpriced is None]
        metals = [metal for metal in metals if _can_be_worked(metal, service_id)]
        facts = make_facts((60, 60, 60), volume_mm3=150_000.0, features=[make_hole(1), make_hole(2)])

        for turn, metal in enumerate([*metals, *reversed(metals)]):
            wish = {"service_id": service_id, "material_id": metal, "quantity": 4}
            known = quote(make_price_request(facts=facts, **wish), CATALOG)
            moved = facts.model_copy(update={"centroid_mm": (float(turn), 0.0, 0.0)})
            fresh = quote(make_price_request(facts=moved, **wish), CATALOG)
            other = {"calculator_seconds", "quote_hash"}
            assert known.model_dump(exclude=other) == fresh.model_dump(exclude=other)

    def test_a_part_that_is_forgotten_is_gone_at_once(self) -> None:
        facts = [make_facts(volume_mm3=94_000.0 + turn) for turn in range(MOST_PARTS + 2)]
        quote(make_price_request(facts=facts[0]), CATALOG)
        known = weakref.ref(PARTS.of(facts[0]))
        gc.disable()

        try:
            for others in facts[1:]:
                quote(make_price_request(facts=others), CATALOG)
            assert known() is None
        finally:
            gc.enable()


def _can_be_worked(material_id: str, service_id: str) -> bool:
    return any(service_id in form.processes for form in CATALOG.materials[material_id].forms)


def _with_slower_roughing(catalog: Catalog) -> Catalog:
    row = next(row for row in catalog.rows if isinstance(row, Figure) and row.key == "cutting/cutting_factor")
    return catalog.with_rows([row.model_copy(update={"value": row.value * 2})])
