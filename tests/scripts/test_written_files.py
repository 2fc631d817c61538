import re
from pathlib import Path

from app.core.config import StorageSection
from app.main import FRAMING_BYTES
from scripts.describe_settings import TARGET, page

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


def test_the_settings_page_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run scripts/describe_settings.py"


def test_every_setting_of_the_example_exists() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#(MILLWRIGHT_\w+__\w+)=", example, re.MULTILINE))

    assert named
    assert named <= set(re.findall(r"`(MILLWRIGHT_\w+)`", page()))


class TestCaddyfile:
    caddyfile = (ROOT / "Caddyfile").read_text(encoding="utf-8")

    def test_lets_pass_exactly_what_the_api_takes(self) -> None:
        limit = re.search(r"max_size \{\$MILLWRIGHT_MAX_BODY:(\d+)MB\}", self.caddyfile)

        assert limit
        assert int(limit[1]) * MEGABYTE == StorageSection().max_file_bytes + FRAMING_BYTES

    def test_makes_only_the_api_public(self) -> None:
        assert re.findall(r"reverse_proxy (\S+)", self.caddyfile) == ["{$MILLWRIGHT_API:api:8000}"]
        assert "error @metrics 404" in self.caddyfile


def test_only_the_proxy_has_ports_to_the_outside() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    services = re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", compose, re.MULTILINE)

    assert [name for name, said in services if "    ports:" in said] == ["caddy"]
