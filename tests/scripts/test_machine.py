from pathlib import Path

import pytest

from scripts.local.machine import SetupError, can_load, find_uv


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No tools on PATH, no packages to be had, an empty cache folder."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path


def tool(path: Path, status: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)


class TestFindUv:
    def test_takes_the_one_on_the_path(self, empty_machine: Path) -> None:
        tool(empty_machine / "bin" / "uv", 0)

        assert find_uv() == str(empty_machine / "bin" / "uv")

    def test_takes_the_one_installed_before_when_that_on_the_path_is_broken(
        self, empty_machine: Path
    ) -> None:
        private = empty_machine / "cache" / "millwright" / "uv" / "bin" / "uv"
        tool(empty_machine / "bin" / "uv", 1)
        tool(private, 0)

        assert find_uv() == str(private)

    @pytest.mark.usefixtures("empty_machine")
    def test_says_how_to_get_it_when_pip_cannot(self) -> None:
        with pytest.raises(SetupError, match="uv is needed"):
            find_uv()


def test_a_missing_library_is_noticed() -> None:
    assert not can_load("libMillwrightHasNone.so.1")
