from typing import Any

from scripts.demo import price_table


def line(label: str, amount: str, share: float, *children: dict[str, Any]) -> dict[str, Any]:
    return {"label": label, "amount": amount, "share": share, "formula": "pieces", "children": list(children)}


def test_the_price_tree_is_shown_with_children_indented_and_the_total() -> None:
    price = {
        "lines": [
            line("Material", "400.00", 0.25),
            line("Machining", "1200.00", 0.75, line("Roughing", "1200.00", 0.75)),
        ],
        "unit_price": "160.00",
        "total_price": "1600.00",
        "currency": "RUB",
        "lead_time_days": 9,
    }

    rows = [row.split() for row in price_table(price).splitlines()]

    assert ["Material", "400.00", "25.0", "%", "pieces"] in rows
    assert ["Total", "1,600.00", "100.0", "%", "160.00", "RUB", "each,", "9", "working", "days"] in rows
    assert "    Roughing" in price_table(price)
