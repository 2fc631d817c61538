from collections import Counter
from uuid import UUID

import httpx
import pytest

from scripts.chaos_suites.ledger import Ledger, Stored, compare
from scripts.chaos_suites.traffic import is_documented, is_passing, told
from scripts.chaos_suites.verdict import Verdict

ONE, TWO = UUID(int=1), UUID(int=2)
PROBLEM = {"content-type": "application/problem+json"}


def created(order_id: UUID, note: str = "") -> httpx.Response:
    return httpx.Response(201, json={"id": str(order_id), "note": note})


def stored(*names: str, keys: str, ids: dict[str, UUID] | None = None) -> Stored:
    return Stored(Counter(names), ids or dict.fromkeys(names, ONE), Counter(keys.split()), set())


def compared(ledger: Ledger, found: Stored) -> list[str]:
    verdict = Verdict("test")
    compare(ledger, found, verdict)
    return sorted(verdict.failures)


@pytest.fixture
def ledger() -> Ledger:
    kept = Ledger(sent={"a", "b"})
    kept.keep("a", created(ONE))
    return kept


class TestCompare:
    def test_what_was_acknowledged_is_there_and_more_may_be(self, ledger: Ledger) -> None:
        assert compared(ledger, stored("a", "b", keys="a b")) == []

    def test_a_lost_order(self, ledger: Ledger) -> None:
        assert compared(ledger, stored(keys="")) == ["acknowledged orders are not there, such as ['a']"]

    def test_an_order_with_another_id_is_a_lost_one(self, ledger: Ledger) -> None:
        found = stored("a", keys="a", ids={"a": TWO})

        assert compared(ledger, found) == ["acknowledged orders are not there, such as ['a']"]

    def test_a_doubled_order(self, ledger: Ledger) -> None:
        assert compared(ledger, stored("a", "a", keys="a")) == ["keys have two orders, such as ['a']"]

    @pytest.mark.parametrize("found", [stored("a", "b", keys="a"), stored("a", keys="a b")])
    def test_an_order_and_its_key_come_together(self, ledger: Ledger, found: Stored) -> None:
        assert compared(ledger, found) == ["orders without key or keys without order, such as ['b']"]

    def test_an_order_nobody_sent(self, ledger: Ledger) -> None:
        assert compared(ledger, stored("a", "c", keys="a c")) == ["orders nobody sent, such as ['c']"]

    def test_a_run_without_orders_proves_nothing(self) -> None:
        assert compared(Ledger(), stored(keys="")) == ["not one order was acknowledged"]

    def test_a_replay_has_the_same_bytes(self, ledger: Ledger) -> None:
        assert ledger.keep("a", created(ONE))
        assert not ledger.keep("a", created(ONE, "changed"))


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "code", "passing"),
        [
            (503, "database-unavailable", True),
            (409, "idempotency-in-progress", True),
            (409, "quote-changed", False),
            (500, "unexpected", False),
        ],
    )
    def test_some_say_come_again(self, *, status: int, code: str, passing: bool) -> None:
        assert is_passing(httpx.Response(status, headers=PROBLEM, json={"code": code})) is passing

    @pytest.mark.parametrize(
        ("status", "headers", "documented"),
        [
            (200, {}, True),
            (422, PROBLEM, True),
            (422, {"content-type": "text/html"}, False),
            (503, PROBLEM, False),
            (503, {**PROBLEM, "retry-after": "5"}, True),
        ],
    )
    def test_failures_are_problem_documents(
        self, *, status: int, headers: dict[str, str], documented: bool
    ) -> None:
        assert is_documented(httpx.Response(status, headers=headers, json={"code": "x"})) is documented

    def test_are_told_without_their_ids(self) -> None:
        request = httpx.Request("GET", f"http://shop.test/files/{ONE}/analysis")
        answer = httpx.Response(500, request=request, text="oops")

        assert told(answer) == "GET /files/{id}/analysis answered 500 (no problem document)"
