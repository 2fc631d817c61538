"""Write ``docs/configuration.md`` from the settings classes.

``.venv/bin/python scripts/describe_settings.py``
"""

import ast
import inspect
import sys
import textwrap
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.calculator.config import CalculatorSettings  # noqa: E402 - the line above makes these importable
from app.core.config import Settings  # noqa: E402

TARGET = ROOT / "docs" / "configuration.md"
HEAD = """\
# Settings

Environment variables, read once at the start; the API also reads them from a file `.env` in the folder it
is started in, and `scripts/run.py` hands what stands there to both services. The environment wins over
`.env`. `scripts/run.py` decides what is not given: the data folder, an SQLite database and the files in it,
both secrets (kept in `<data>/secrets.env`), and `development` when the API listens on loopback.

This page is written by `scripts/describe_settings.py` from `app/core/sections.py` and
`app/calculator/config.py`; a test holds it to them.
"""
COLUMNS = "| Variable | Default | Allowed | Meaning |\n|---|---|---|---|\n"
BOUNDS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "pattern": "`{}`"}


def page() -> str:
    """The whole page."""
    sections = [HEAD, section("The API", Settings, "MILLWRIGHT_", plain=True)]
    for name, field in Settings.model_fields.items():
        if is_section(field):
            sections.append(section(name.capitalize(), field.annotation, f"MILLWRIGHT_{name.upper()}__"))
    sections.append(section("The calculator service", CalculatorSettings, "MILLWRIGHT_CALCULATOR__"))
    return "\n".join(sections)


def section(title: str, model: Any, prefix: str, *, plain: bool = False) -> str:  # noqa: ANN401 - a class of settings
    """A heading, what the class says of itself, and its settings; ``plain`` leaves out nested sections."""
    meanings = attribute_docstrings(model)
    rows = [
        f"| `{prefix}{name.upper()}` | {shown(field.default)} | {bounds(field)} | {meanings.get(name, '')} |"
        for name, field in model.model_fields.items()
        if not (plain and is_section(field))
    ]
    about = inspect.cleandoc(model.__doc__ or "").replace("``", "`")
    return f"## {title}\n\n{about}\n\n{COLUMNS}" + "\n".join(rows) + "\n"


def attribute_docstrings(model: type) -> dict[str, str]:
    """The string below each attribute, on one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(tree, ast.ClassDef)
    meanings = {}
    for statement, following in zip(tree.body, tree.body[1:], strict=False):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            text = " ".join(str(following.value.value).split())
            meanings[statement.target.id] = text.replace("``", "`").replace("|", "\\|")
    return meanings


def is_section(field: FieldInfo) -> bool:
    """Whether the setting is a group of settings."""
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def shown(default: Any) -> str:  # noqa: ANN401 - whatever a default may be
    """The default as it would be written in the environment."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, list):
        default = ",".join(default)
    if isinstance(default, bool):
        default = str(default).lower()
    return f"`{default}`" if default not in {"", None} else "none"


def bounds(field: FieldInfo) -> str:
    """The limits the value is checked against."""
    if isinstance(field.annotation, type) and issubclass(field.annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in field.annotation)
    found = [
        words.format(str(getattr(limit, name)).replace("|", "\\|"))
        for limit in field.metadata
        for name, words in BOUNDS.items()
        if getattr(limit, name, None) is not None
    ]
    return ", ".join(found)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)} written")
