"""The environment both services are started with, and how each says what is wrong with its part of it."""

from pydantic import ValidationError

PREFIX = "MILLWRIGHT_"
CALCULATOR_PREFIX = "MILLWRIGHT_CALCULATOR__"
OF_THE_CALCULATOR = frozenset(
    {
        "host",
        "port",
        "secret",
        "max_file_bytes",
        "children",
        "queue",
        "wall_seconds",
        "cpu_seconds",
        "memory_bytes",
        "max_triangles",
        "max_entities",
        "max_model_bytes",
        "cached_analyses",
        "cached_catalogs",
    }
)
"""What the calculator reads under its prefix; the API reads there how the calculator is reached."""


def complaints(error: ValidationError, prefix: str) -> str:
    """A line ``NAME: message`` for every setting that cannot be used; never what was given, it may be secret.

    A message about several settings at once names them itself.
    """
    lines = []
    for item in error.errors(include_input=False, include_context=False, include_url=False):
        unknown = item["type"] == "extra_forbidden"
        message = "there is no such setting" if unknown else item["msg"].removeprefix("Value error, ")
        name = prefix + "__".join(str(part).upper() for part in item["loc"])
        lines.append(f"{name}: {message}" if item["loc"] else message)
    return "\n".join(lines)
