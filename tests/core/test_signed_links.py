from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from time_machine import Traveller

from app.core.signed_links import LinkRefused, SignedLinks
from tests.support.app import SECRET

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LINKS = SignedLinks(SECRET, "/shop/api/v1")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def holds(link: str, *, links: SignedLinks = LINKS, path: str | None = None, later: int = 0) -> bool:
    parts = urlsplit(link)
    query = parse_qs(parts.query)
    try:
        links.verify(path or parts.path, int(query["expires"][0]) + later, query["signature"][0])
    except LinkRefused:
        return False
    return True


def test_a_link_holds_for_ten_minutes(clock: Traveller) -> None:
    link = LINKS.to("/files/1/download")

    held = []
    for seconds in (0, 599, 1):
        clock.shift(seconds)
        held.append(holds(link))

    assert link.startswith("/shop/api/v1/files/1/download?")
    assert held == [True, True, False]


def test_a_link_is_for_one_path() -> None:
    link = LINKS.to("/files/1/download")

    assert not holds(link, path="/shop/api/v1/files/2/download")
    assert not holds(link, path="/shop/api/v1/files/1/preview")


def test_its_time_cannot_be_changed() -> None:
    assert not holds(LINKS.to("/files/1/download"), later=1)


def test_another_installation_signs_otherwise() -> None:
    other = SignedLinks("another-" + SECRET, "/shop/api/v1")

    assert not holds(other.to("/files/1/download"))


@pytest.mark.parametrize("signature", ["", "é", "\ud800", "A" * 43])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    with pytest.raises(LinkRefused):
        LINKS.verify("/shop/api/v1/files/1/download", int(NOON.timestamp()) + 60, signature)
