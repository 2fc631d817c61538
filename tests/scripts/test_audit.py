import asyncio

import pytest
from sqlalchemy import update

from app.audit.models import AuditRecord
from app.core.db import Database
from scripts.audits import command
from tests.factories.audit import make_act
from tests.support.audit import seal, tamper


@pytest.fixture(autouse=True)
def of_the_test(live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation that is meant is the test's own."""
    url = live.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MILLWRIGHT_DATABASE__URL", url)


async def verify(*arguments: str) -> int:
    return await asyncio.to_thread(command.main, ["verify", *arguments])


async def test_a_whole_chain_is_told_with_its_head_and_its_tail(
    live: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        await make_act(live)
    head = await seal(live)
    await make_act(live)

    assert await verify("--head", str(head)) == 0

    told = capsys.readouterr().out
    assert f"3 records sealed, head {head}" in told
    assert "1 records not sealed yet" in told
    assert "The chain is whole." in told


async def test_a_broken_record_is_named_and_fails_the_command(
    live: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    acts = [await make_act(live) for _ in range(3)]
    await seal(live)
    await tamper(live, update(AuditRecord).where(AuditRecord.id == acts[1].id).values(action="nothing"))

    assert await verify() == 1

    captured = capsys.readouterr()
    assert f"BROKEN: record {acts[1].id} at position 2" in captured.err
    assert "whole" not in captured.out


async def test_a_database_without_the_log_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("MILLWRIGHT_DATABASE__URL", f"sqlite+aiosqlite:///{tmp_path}/empty.db")

    assert await verify() == 1

    assert "no such table" in capsys.readouterr().err
