import ast
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-run.lock", "requirements-api.lock")
FLOORS = {
    "python-jose": ("3.5", "CVE-2024-33663 algorithm confusion, CVE-2024-33664 JWE bomb"),
    "starlette": ("1.3.1", "CVE-2026-54283 limits ignored for urlencoded forms, and five before it"),
    "python-multipart": ("0.0.30", "CVE-2026-53539 quadratic time over a form, and three before it"),
    "h11": ("0.16", "CVE-2025-43859 request smuggling by chunked encoding"),
    "uvicorn": ("0.11.7", "CVE-2020-7694 log injection, CVE-2020-7695 response splitting"),
    "cadquery-ocp": (
        "7.9",
        "CVE-2026-42476 and its five neighbours: reads out of bounds in OCCT up to 7.8.1",
    ),
}
KEPT_IN_ONE_FILE = {"jose", "passlib"}


def pins(lock: str) -> dict[str, set[str]]:
    """Every version a lock may install, by name (a universal lock may hold two for two Pythons)."""
    found: dict[str, set[str]] = {}
    for name, pinned in re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(pinned)
    return found


@pytest.mark.parametrize("package", FLOORS)
def test_no_version_with_a_known_hole_is_installed(package: str) -> None:
    floor, hole = FLOORS[package]

    assert Version(version(package)) >= Version(floor), hole


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("package", FLOORS)
def test_no_version_with_a_known_hole_is_locked(package: str, lock: str) -> None:
    floor, hole = FLOORS[package]

    for pinned in pins(lock).get(package, set()):
        assert Version(pinned) >= Version(floor), hole


def test_passlib_has_the_bcrypt_it_works_with() -> None:
    assert version("passlib") == "1.7.4"
    assert Version(version("bcrypt")) < Version("5")


def test_the_unmaintained_packages_are_imported_in_one_file() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if KEPT_IN_ONE_FILE & imported(path)
    }

    assert importers == {"app/core/security.py"}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


class TestLocks:
    @pytest.mark.parametrize("lock", LOCKS[1:])
    def test_a_smaller_lock_has_the_same_versions_as_the_whole(self, lock: str) -> None:
        whole, part = pins("requirements.lock"), pins(lock)

        assert part
        assert all(versions <= whole[name] for name, versions in part.items())

    @pytest.mark.parametrize("lock", LOCKS)
    def test_every_package_has_hashes_and_no_address(self, lock: str) -> None:
        text = (ROOT / lock).read_text()

        assert "://" not in text
        entries = re.findall(r"^[\w.-]+==.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)
        assert len(entries) == sum(len(versions) for versions in pins(lock).values())

    def test_the_api_is_installed_without_the_cad_kernel(self) -> None:
        assert not {"cadquery", "cadquery-ocp", "vtk", "trimesh", "numpy"} & set(
            pins("requirements-api.lock")
        )

    def test_running_needs_no_tool_for_tests(self) -> None:
        assert not {"pytest", "ruff", "mypy"} & set(pins("requirements-run.lock"))
