"""Rules of the house that no linter knows."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import configure_mappers

import app.models
from app.core.errors import AppError
from app.core.models import Base

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"
EDGES = {APP / "core" / "db.py"}
"""The only files that commit."""
ABSTRACT = {"AppError"}


def sources(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(), str(path))


def calls(tree: ast.AST) -> Iterator[ast.Attribute]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func


def test_only_the_edge_commits() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in sources(APP)
        if path not in EDGES
        for call in calls(tree)
        if call.attr in {"commit", "rollback"}
    ]

    assert offenders == []


def test_nothing_of_ours_is_imported_inside_a_function() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in sources(APP)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "app"
    ]

    assert offenders == []


def test_relationships_never_load_by_surprise() -> None:
    configure_mappers()
    lazy = {
        str(relationship): relationship.lazy
        for mapper in Base.registry.mappers
        for relationship in mapper.relationships
    }

    assert app.models.__all__
    assert set(lazy.values()) <= {"raise"}, lazy


def failures(kind: type[AppError] = AppError) -> Iterator[type[AppError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("app."):
            yield child
        yield from failures(child)


def test_every_failure_has_a_family_and_a_sentence() -> None:
    for failure in failures():
        assert 400 <= failure.status < 600, failure
        assert failure.__doc__, failure


def test_the_sentence_of_a_failure_is_for_customers() -> None:
    marked = [failure for failure in failures() if "`" in (failure.__doc__ or "").strip().split("\n")[0]]

    assert marked == []


def test_a_code_always_means_the_same_status() -> None:
    statuses = Counter((failure.code, failure.status) for failure in failures())
    codes = Counter(code for code, _ in statuses)

    assert [code for code, count in codes.items() if count > 1] == []


def test_no_file_has_two_ideas() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in APP.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }

    assert long == {}


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc"])
def test_no_room_for_everything(name: str) -> None:
    assert list(APP.rglob(f"{name}.py")) == []


def test_the_api_needs_no_geometry() -> None:
    """The API's image installs none of these."""
    forbidden = ("numpy", "scipy", "trimesh", "cadquery", "OCP", "vtkmodules", "app.calculator")
    script = f"import sys, app.main; print([m for m in {forbidden!r} if m in sys.modules])"

    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
