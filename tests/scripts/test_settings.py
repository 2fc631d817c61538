import stat
from pathlib import Path

import pytest

from scripts.local.machine import SetupError
from scripts.local.settings import LocalSettings, Options, is_loopback, read_env_file, resolve


def resolved(tmp_path: Path, options: Options | None = None, **given: str) -> dict[str, str]:
    environment = {"PATH": "/usr/bin", "MILLWRIGHT_DATA_DIR": str(tmp_path), **given}
    return settings_of(options or Options(), environment).environment


def settings_of(options: Options, environment: dict[str, str]) -> LocalSettings:
    """Without the ``.env`` of the machine the tests run on."""
    return resolve(options, environment, dotenv=Path("/nonexistent/.env"))


class TestWhatWins:
    def test_an_option_wins_over_the_environment(self, tmp_path: Path) -> None:
        decided = resolved(tmp_path, Options(port=9100), MILLWRIGHT_SERVER__PORT="9200")

        assert decided["MILLWRIGHT_SERVER__PORT"] == "9100"

    def test_the_environment_wins_over_the_defaults(self, tmp_path: Path) -> None:
        url = "postgresql+asyncpg://shop@db/shop"

        decided = resolved(tmp_path, MILLWRIGHT_DATABASE__URL=url, MILLWRIGHT_ENVIRONMENT="production")

        assert decided["MILLWRIGHT_DATABASE__URL"] == url
        assert decided["MILLWRIGHT_ENVIRONMENT"] == "production"

    def test_the_environment_wins_over_the_settings_file(self, tmp_path: Path) -> None:
        dotenv = tmp_path / ".env"
        dotenv.write_text("MILLWRIGHT_SERVER__PORT=9400\nMILLWRIGHT_SERVER__HOST=::1\n")
        environment = {"MILLWRIGHT_DATA_DIR": str(tmp_path), "MILLWRIGHT_SERVER__PORT": "9500"}

        settings = resolve(Options(), environment, dotenv)

        assert (settings.host, settings.port) == ("::1", 9500)

    def test_names_may_be_written_small(self, tmp_path: Path) -> None:
        decided = resolved(tmp_path, millwright_server__port="9300")

        assert decided["MILLWRIGHT_SERVER__PORT"] == "9300"
        assert "millwright_server__port" not in decided

    def test_everything_else_of_the_environment_goes_on(self, tmp_path: Path) -> None:
        assert resolved(tmp_path)["PATH"] == "/usr/bin"


class TestDefaults:
    def test_everything_is_kept_in_the_data_folder(self, tmp_path: Path) -> None:
        decided = resolved(tmp_path)

        assert decided["MILLWRIGHT_DATABASE__URL"] == f"sqlite+aiosqlite:///{tmp_path}/millwright.db"
        assert decided["MILLWRIGHT_STORAGE__URL"] == f"{tmp_path}/files"

    @pytest.mark.parametrize(
        ("host", "environment"),
        [("127.0.0.1", "development"), ("0.0.0.0", "production"), ("::1", "development")],
    )
    def test_only_on_loopback_is_it_a_developers_machine(
        self, tmp_path: Path, host: str, environment: str
    ) -> None:
        decided = resolved(tmp_path, Options(host=host))

        assert decided["MILLWRIGHT_ENVIRONMENT"] == environment

    def test_the_demo_parts_can_be_left_out(self, tmp_path: Path) -> None:
        decided = resolved(tmp_path, Options(demo_files=False))

        assert decided["MILLWRIGHT_STORAGE__DEMO_FILES"] == "false"

    def test_a_port_that_is_none_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match="MILLWRIGHT_SERVER__PORT is 'http'"):
            resolved(tmp_path, MILLWRIGHT_SERVER__PORT="http")

    def test_a_data_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(SetupError, match="cannot be made"):
            settings_of(Options(data_dir=tmp_path / "file" / "data"), {})


class TestAddresses:
    def test_a_service_on_every_address_is_asked_on_loopback(self, tmp_path: Path) -> None:
        environment = {"MILLWRIGHT_DATA_DIR": str(tmp_path), "MILLWRIGHT_SERVER__BASE_PATH": "shop/"}

        settings = settings_of(Options(host="0.0.0.0", port=8100), environment)

        assert settings.api_url == "http://127.0.0.1:8100/shop"

    def test_our_calculator_is_started(self, tmp_path: Path) -> None:
        settings = settings_of(Options(calculator_port=7100), {"MILLWRIGHT_DATA_DIR": str(tmp_path)})

        assert settings.starts_calculator
        assert settings.environment["MILLWRIGHT_CALCULATOR__URL"] == "http://127.0.0.1:7100"

    def test_a_calculator_elsewhere_is_not_started(self, tmp_path: Path) -> None:
        environment = {
            "MILLWRIGHT_DATA_DIR": str(tmp_path),
            "MILLWRIGHT_CALCULATOR__URL": "http://cad.example:7000",
        }

        assert not settings_of(Options(), environment).starts_calculator


class TestSecrets:
    def test_are_made_once_and_only_for_the_owner(self, tmp_path: Path) -> None:
        first, second = resolved(tmp_path), resolved(tmp_path)

        file = tmp_path / "secrets.env"
        assert first["MILLWRIGHT_AUTH__SECRET"] == second["MILLWRIGHT_AUTH__SECRET"]
        assert first["MILLWRIGHT_AUTH__SECRET"] != first["MILLWRIGHT_CALCULATOR__SECRET"]
        assert len(first["MILLWRIGHT_AUTH__SECRET"]) >= 32
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_given_ones_are_used_and_not_written_down(self, tmp_path: Path) -> None:
        decided = resolved(tmp_path, MILLWRIGHT_AUTH__SECRET="a" * 40, MILLWRIGHT_CALCULATOR__SECRET="b" * 40)

        assert decided["MILLWRIGHT_AUTH__SECRET"] == "a" * 40
        assert not (tmp_path / "secrets.env").exists()


def test_a_settings_file_may_hold_comments_quotes_and_exports(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# comment\n\nexport MILLWRIGHT_A=one\nMILLWRIGHT_B = 'two # 2'\n"
        "millwright_c=three # why\nOTHER=four\n"
    )

    assert read_env_file(file) == {
        "MILLWRIGHT_A": "one",
        "MILLWRIGHT_B": "two # 2",
        "MILLWRIGHT_C": "three",
    }


@pytest.mark.parametrize(
    ("host", "expected"), [("localhost", True), ("127.8.9.1", True), ("shop.example", False)]
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_loopback(host) is expected
