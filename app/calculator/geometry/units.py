"""Length units as files name them."""

_NAMES = {
    "millimetre": "mm",
    "millimeter": "mm",
    "mm": "mm",
    "inch": "inch",
    "in": "inch",
    "centimetre": "cm",
    "centimeter": "cm",
    "cm": "cm",
    "micrometre": "um",
    "micrometer": "um",
    "micron": "um",
    "um": "um",
    "metre": "m",
    "meter": "m",
    "m": "m",
    "foot": "ft",
    "feet": "ft",
    "ft": "ft",
}


def unit_name(declared: str) -> str:
    """The short name of a declared unit (`"MILLIMETRE"` is `"mm"`); unknown names stay as they are."""
    plain = declared.strip().strip("'\"").lower()
    return _NAMES.get(plain, plain[:32])
