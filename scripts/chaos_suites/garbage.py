"""Answers that are no price, made of one that is."""

import json
import random
from collections.abc import Callable
from typing import Any

HUGE_BYTES = 100_000_000
HUGE_SHARE = 0.01
"""How many of the answers are a hundred megabytes."""
DEEP = 100_000
AMOUNTS = ("total_price", "unit_price")
FIGURES = (("hours", "total"), ("hours", "machining"), ("material", "mass_kg"), ("calculator_seconds",))
COUNTS = (("quantity",), ("lead_time_days",))
NEEDED = ("total_price", "unit_price", "quantity", "lines", "material", "hours", "quote_hash", "service_id")

Make = Callable[[dict[str, Any], random.Random], str]


def truncated(price: dict[str, Any], dice: random.Random) -> str:
    """Whole as a message, cut as JSON."""
    text = json.dumps(price)
    return text[: dice.randrange(1, len(text) - 1)]


def deep(price: dict[str, Any], dice: random.Random) -> str:
    """Brackets in brackets."""
    opening = dice.choice(["[", '{"a":'])
    return json.dumps(price)[:-1] + ', "used": ' + opening * DEEP


def doubled(price: dict[str, Any], dice: random.Random) -> str:
    """A key twice, with two meanings."""
    again = dice.choice([f'"total_price": "{dice.randint(1, 9)}.00"', f'"quantity": {10**6 + 1}'])
    return f"{json.dumps(price)[:-1]}, {again}}}"


def no_number(price: dict[str, Any], dice: random.Random) -> str:
    """Numbers that are none in JSON, or in no range."""
    value = dice.choice(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e308", "-1"])
    return _written(price, dice.choice(FIGURES), value)


def bad_amount(price: dict[str, Any], dice: random.Random) -> str:
    """A price nobody may be told."""
    value = dice.choice(["-1.00", "0.00", "NaN", "Infinity", "1e308", "0.001", "", "10", "9" * 40])
    return json.dumps({**price, dice.choice(AMOUNTS): value})


def bad_count(price: dict[str, Any], dice: random.Random) -> str:
    """Counts that are none."""
    value = dice.choice(["-3", '"1"', "true", "1.5", "null", "[]", "1e308"])
    return _written(price, dice.choice(COUNTS), value)


def text_for_number(price: dict[str, Any], dice: random.Random) -> str:
    """A number in quotation marks."""
    return _written(price, dice.choice(FIGURES), f'"{dice.uniform(0, 9):.3f}"')


def missing(price: dict[str, Any], dice: random.Random) -> str:
    """A field too few."""
    lost = dice.choice(NEEDED)
    return json.dumps({name: value for name, value in price.items() if name != lost})


def wrong_sum(price: dict[str, Any], dice: random.Random) -> str:
    """Lines that are not the price."""
    lines = [dict(line) for line in price["lines"]]
    line = dice.choice(lines)
    line["amount"] = f"{float(line['amount']) + dice.randint(1, 99):.2f}"
    return json.dumps({**price, "lines": lines})


def another(price: dict[str, Any], dice: random.Random) -> str:
    """The answer to another question."""
    return json.dumps({**price, **dice.choice([{"service_id": "painting"}, {"quantity": 999_999}])})


def no_object(_: dict[str, Any], dice: random.Random) -> str:
    """Sound JSON, no price."""
    return dice.choice(["null", "[]", "{}", '"price"', "0", "true", " ", '[{"total_price": "1.00"}]'])


KINDS: tuple[Make, ...] = (
    truncated,
    deep,
    doubled,
    no_number,
    bad_amount,
    bad_count,
    text_for_number,
    missing,
    wrong_sum,
    another,
    no_object,
)


def garbage(price: dict[str, Any], dice: random.Random) -> tuple[str, bytes]:
    """What kind it is, and the body."""
    if dice.random() < HUGE_SHARE:
        return "huge", huge()
    make = dice.choice(KINDS)
    return make.__name__, make(price, dice).encode()


def huge() -> bytes:
    """More than anybody reads."""
    return b'{"quote_hash": "' + b"x" * HUGE_BYTES + b'"}'


def _written(price: dict[str, Any], where: tuple[str, ...], value: str) -> str:
    """The price with a value that need not be JSON in one place."""
    changed: dict[str, Any] = json.loads(json.dumps(price))
    inner = changed
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = "@"
    return json.dumps(changed).replace('"@"', value, 1)
