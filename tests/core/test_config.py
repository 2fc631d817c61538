import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.config import ServerSection, Settings, database_section, read_settings

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-nobody-is-shown-" + "x" * 32


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation with what it needs and nothing of this machine's."""
    for name in [name for name in os.environ if name.startswith("MILLWRIGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MILLWRIGHT_AUTH__SECRET", SECRET)
    monkeypatch.chdir(tmp_path)


def complaint() -> str:
    with pytest.raises(SystemExit) as ended:
        read_settings()
    return str(ended.value.code)


class TestReadSettings:
    def test_ends_the_process_with_a_line_for_every_mistake(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MILLWRIGHT_SERVER__PROT", "1")
        monkeypatch.setenv("MILLWRIGHT_SERVER__PORT", "eighty")
        monkeypatch.setenv("MILLWRIGHT_DATABASE__PASSWORD", SECRET)

        assert sorted(complaint().splitlines()) == [
            "MILLWRIGHT_DATABASE__PASSWORD: there is no such setting",
            "MILLWRIGHT_SERVER__PORT: Input should be a valid integer, unable to parse string as an integer",
            "MILLWRIGHT_SERVER__PROT: there is no such setting",
        ]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MILLWRIGHT_AUTH__SECRET", "short-secret"),
            ("MILLWRIGHT_ADMIN__PASSWORD", "changeme"),
            ("MILLWRIGHT_AUTH", "short-secret"),
            ("MILLWRIGHT_CALCULATOR__SECRETS", "short-secret"),
        ],
    )
    def test_names_the_setting_and_never_shows_it(
        self, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, value)

        said = complaint()

        assert value not in said
        assert len(said.splitlines()) == 1
        assert name.startswith("MILLWRIGHT_AUTH") or said.startswith(f"{name}: ")

    def test_knows_what_is_meant_for_the_calculator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MILLWRIGHT_CALCULATOR__CHILDREN", "4")
        monkeypatch.setenv("MILLWRIGHT_CALCULATOR__PRICE_SECONDS", "7")

        assert read_settings().calculator.price_seconds == 7

    def test_leaves_names_of_the_deployment_alone(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("MILLWRIGHT_SITE=parts.example.com\nPOSTGRES_PASSWORD=secret\n")

        assert isinstance(read_settings(), Settings)

    def test_tools_that_need_the_database_alone_are_as_strict(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MILLWRIGHT_DATABASE__URI", SECRET)

        with pytest.raises(ValueError, match=r"database\.uri") as refusal:
            database_section()

        assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("module", "name", "value", "message"),
    [
        (
            "app.main",
            "MILLWRIGHT_AUTH__SECRET",
            "short-secret",
            "must be a random value of at least 32 bytes",
        ),
        ("app.calculator.main", "MILLWRIGHT_CALCULATOR__HOST", "short-secret", "needs a secret"),
        ("app.calculator.main", "MILLWRIGHT_CALCULATOR__PORT", "short-secret", "should be a valid integer"),
    ],
)
def test_a_service_says_why_it_does_not_start(module: str, name: str, value: str, message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module],
        env={**os.environ, name: value, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(name.partition("__")[0])
    assert message in line


@pytest.mark.parametrize(
    "origin", ["*", "https://*.shop.example", "shop.example", "https://shop.example/page", "null", "file://x"]
)
def test_a_page_that_may_send_cookies_is_named_in_full(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        ServerSection(origins=[origin])


@pytest.mark.parametrize(
    ("server", "site"),
    [
        ({"PORT": "8123", "BASE_PATH": "shop"}, "http://127.0.0.1:8123/shop"),
        ({"HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"HOST": "::1"}, "http://[::1]:8000"),
        ({"SITE": "parts.example", "BASE_PATH": "/shop"}, "https://parts.example/shop"),
        ({"SITE": "http://parts.example:8080"}, "http://parts.example:8080"),
    ],
    ids=str,
)
def test_letters_lead_to_where_people_reach_us(
    server: dict[str, str], site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.items():
        monkeypatch.setenv(f"MILLWRIGHT_SERVER__{name}", value)

    assert read_settings().site == site


@pytest.mark.parametrize("site", ["parts.example/shop", "ftp://parts.example", "parts example", "a@b"])
def test_a_site_is_a_host_and_nothing_more(site: str) -> None:
    with pytest.raises(ValidationError, match="site"):
        ServerSection(site=site)


@pytest.mark.parametrize("links", [{}, {"RESET": "https://a.example/#{token}"}], ids=str)
def test_no_letters_leave_production_that_lead_to_its_own_machine(
    links: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLWRIGHT_MAIL__HOST", "smtp.example")
    for name, value in links.items():
        monkeypatch.setenv(f"MILLWRIGHT_MAIL__{name}_LINK", value)
    said = complaint()

    monkeypatch.setenv("MILLWRIGHT_SERVER__SITE", "parts.example")

    assert said.startswith("MILLWRIGHT_SERVER__SITE: ")
    assert read_settings().site == "https://parts.example"


def test_a_frontend_with_both_pages_needs_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLWRIGHT_MAIL__HOST", "smtp.example")
    for name in ("CONFIRM", "RESET"):
        monkeypatch.setenv(f"MILLWRIGHT_MAIL__{name}_LINK", "https://a.example/#{token}")

    assert read_settings().mail.host == "smtp.example"


def test_origins_are_written_in_one_way() -> None:
    section = ServerSection.model_validate({"origins": "https://Shop.example/, http://[::1]:3000"})

    assert section.origins == ["https://shop.example", "http://[::1]:3000"]
