"""The price of a milled block by its dimensions, in the fewest lines that give the same total."""

from decimal import ROUND_HALF_UP, Decimal

from app.calculator.catalog.catalog import Catalog

CENT = Decimal("0.01")
VOLUME_M3 = Decimal("0.000125")
"""100 x 50 x 25 mm."""


def block_price(catalog: Catalog, quantity: int) -> Decimal:
    """The total for so many pieces of aluminium D16 from bar at the first location, nothing chosen."""
    material, place = catalog.materials["alum_D16"], catalog.locations["location_1"]
    form = next(one for one in material.forms if one.id == "rod")
    density, handling, per_kg = material.density_kg_m3, material.k_handle_min_per_g, form.price_per_kg
    assert density is not None
    assert handling is not None
    assert per_kg is not None
    mass = VOLUME_M3 * density
    bought = (mass * per_kg * catalog.shop.material_factor).quantize(CENT, ROUND_HALF_UP)
    minutes = 10 + Decimal(5) / 3 + mass * 1000 * handling
    work = (minutes / 60 * place.price_of_hour).quantize(Decimal("0.001")) * Decimal("0.75")
    insured = (1 + place.extra_salary) * place.insurance
    costs = 1 + place.extra_salary + insured + place.overhead + place.administrative
    piece = bought * (1 + place.profit_on_material) + work * costs * (1 + place.profit_on_rest)
    return piece.quantize(CENT, ROUND_HALF_UP) * quantity
