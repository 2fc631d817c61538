"""The page on security names tests that exist and settings that are so."""

import re
from collections import Counter
from pathlib import Path

import pytest

from app.core.config import LimitsSection
from app.core.rates import limit

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
TESTS = sorted(set(re.findall(r"`([\w/]+\.py(?:::\w+)?)`", PAGE.partition("## OWASP ASVS")[2])))
HELD = re.findall(r"^\| (\d+\.\d+\.\d+) \|", PAGE.partition("What does not hold")[0], re.MULTILINE)
OPEN = re.findall(r"\b(\d+\.\d+\.\d+)\b", PAGE.partition("What does not hold")[2])
LEAST_SHARE = 0.85


@pytest.mark.parametrize("named", TESTS)
def test_a_test_that_is_named_exists(named: str) -> None:
    path, _, name = named.partition("::")
    source = ROOT / "tests" / path

    assert source.exists()
    assert not name or f"class {name}" in source.read_text()


def test_every_requirement_is_either_held_or_open() -> None:
    assert len(TESTS) > 50
    assert [number for number, times in Counter(HELD).items() if times > 1] == []
    assert set(HELD) & set(OPEN) == {"3.4.1"}
    assert sorted(HELD, key=lambda number: [int(part) for part in number.split(".")]) == HELD
    assert len(HELD) / len({*HELD, *OPEN}) >= LEAST_SHARE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("login", "sign-ins | 30 a minute"),
        ("guesses", "50 in 10 minutes"),
        ("refresh", "refresh, logout | 120 a minute"),
        ("registration", "changes of a user name | 20 an hour"),
        ("password", "resets of passwords | 20 an hour"),
        ("mail", "letters | 20 an hour"),
        ("mail_to", "; 3 an hour"),
        ("key_check", "one in 2 seconds"),
        ("price", "prices without a login | 60 a minute"),
        ("anonymous", "1200 a minute"),
    ],
)
def test_the_limits_are_those_of_the_settings(name: str, words: str) -> None:
    rule = limit(name, getattr(LimitsSection(), name))

    assert words in PAGE
    assert str(rule.most) in words or rule.most == 1


def test_no_limit_is_left_out() -> None:
    assert len(LimitsSection.model_fields) == 11
