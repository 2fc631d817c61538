"""``hostile-uploads``: names, contents and requests that mean harm, by every way a file can come.

Each of some three hundred cases (or ``--count`` of them) must be refused with a problem document, or stored
as nothing but bytes under a name of ours. Nothing may appear outside the store, no answer may be a 5xx, and
what is stored must be measured or refused in time.
"""

import asyncio
import base64
import os
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from scripts.chaos_suites.hostile_files import contents, names
from scripts.chaos_suites.parts import renewed
from scripts.chaos_suites.processes import marked, until
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import (
    CREATED,
    NeverAnswered,
    box_stl,
    is_documented,
    settle,
    sign_up,
    told,
)
from scripts.chaos_suites.verdict import Options, Verdict
from scripts.local.venv import ROOT

MOST_BYTES = 2_000_000
REFUSED = {400, 408, 413, 415, 422}
OUTCOMES = {200, 422}
LONGEST_NAME = 255
ENDLESS_BYTES = 50_000_000
PIECE = b"10000\r\n" + bytes(0x10000) + b"\r\n"
WIRE_SECONDS = 60.0
JOBS_SECONDS = 60.0
FORBIDDEN = ("\0", "\r", "\n", "/", "\\", "\u202e", "\u2066", "\u2069", "\u2028", "\x1b")

Send = Callable[[httpx.AsyncClient, str, bytes], Awaitable[httpx.Response]]


async def multipart(client: httpx.AsyncClient, name: str, content: bytes) -> httpx.Response:
    """As a form sends it, the name as it is."""
    edge = secrets.token_hex(8)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace")
    head = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
    body = head % (edge.encode(), quoted) + content + b"\r\n--%s--\r\n" % edge.encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    return await client.post("/files", content=body, headers=headers)


async def in_json(client: httpx.AsyncClient, name: str, content: bytes) -> httpx.Response:
    """In base64."""
    return await client.post(
        "/files", json={"file_name": name, "file_data": base64.b64encode(content).decode()}
    )


async def resumable(client: httpx.AsyncClient, name: str, content: bytes) -> httpx.Response:
    """In two steps; the answer is the one that ends it."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    version = {"Tus-Resumable": "1.0.0"}
    begun = await client.post(
        "/uploads", headers={**version, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    )
    if begun.status_code != CREATED:
        return begun
    sent = await client.patch(
        begun.headers["Location"].removeprefix("/api/v1"),
        content=content,
        headers={**version, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )
    if "X-File-ID" not in sent.headers:
        return sent
    found = await client.get(f"/files/{sent.headers['X-File-ID']}")
    return httpx.Response(CREATED, json=found.json(), request=sent.request)


async def as_document(client: httpx.AsyncClient, name: str, content: bytes) -> httpx.Response:
    """Beside an order."""
    return await client.post(
        "/documents", json={"file_name": name, "file_data": base64.b64encode(content).decode()}
    )


WAYS: dict[str, Send] = {
    "multipart": multipart,
    "JSON": in_json,
    "resumable": resumable,
    "document": as_document,
}


@dataclass
class Case:
    """One thing to send."""

    what: str
    way: str
    name: str
    content: bytes


@dataclass
class Sent:
    """What became of everything."""

    verdict: Verdict
    statuses: Counter[str] = field(default_factory=Counter)
    stored: dict[str, str] = field(default_factory=dict)
    """The files by what they are."""


async def run(options: Options) -> Verdict:
    """Every case once, in the order of the dice, then those below HTTP."""
    verdict = Verdict("hostile-uploads")
    mark = f"slip{secrets.token_hex(6)}"
    cases = listed(options, mark)
    shop = Shop(
        options.folder / "shop",
        MILLWRIGHT_STORAGE__DEMO_FILES="false",
        MILLWRIGHT_STORAGE__MAX_FILE_BYTES=str(MOST_BYTES),
    )
    async with shop, shop.client() as client:
        client.headers.update(await sign_up(client))
        sent = Sent(verdict)
        budget = options.budget()
        for case in cases:
            if not budget.is_left:
                break
            await _send(client, case, sent)
            budget.spent += 1
        wires = await below_http(shop, client.headers["Authorization"], verdict)
        await _measured(client, sent)
        verdict.expect(bool(shop.api and shop.api.is_alive), "the API ended")
        await _left(shop, options, mark, verdict)
        verdict.expect(
            await until(lambda: not shop.temporary_files(), JOBS_SECONDS),
            f"temporary files are left: {shop.temporary_files()}",
        )
    verdict.counts = {"cases": budget.spent + wires, "stored": len(sent.stored), **verdict.counts}
    verdict.notes.append("; ".join(f"{what}: {times}" for what, times in sorted(sent.statuses.items())))
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


def listed(options: Options, mark: str) -> list[Case]:
    """All names and all contents by every way."""
    dice = options.dice("hostile")
    box = box_stl(10, 20, 30)
    found = [Case("name", way, name, renewed(box, dice)) for name in names(mark) for way in WAYS]
    found += [
        Case(what, way, f"{mark}{suffix}", content)
        for what, content in contents(dice)
        for way, suffix in zip(WAYS, (".stl", ".step", ".3mf", ".pdf"), strict=True)
    ]
    dice.shuffle(found)
    return found


async def _send(client: httpx.AsyncClient, case: Case, sent: Sent) -> None:
    answer = await WAYS[case.way](client, case.name, case.content)
    sent.statuses[f"{case.way} {answer.status_code}"] += 1
    told_as = f"{case.what} ({case.way})"
    if answer.status_code != CREATED:
        is_right = answer.status_code in REFUSED and is_documented(answer)
        sent.verdict.expect(is_right, f"{told_as}: {told(answer)}")
        return
    found = answer.json()
    kind = "documents" if case.way == "document" else "files"
    if kind == "files":
        sent.stored[found["id"]] = told_as
    name = found.get("name") or found.get("file_name") or ""
    is_clean = 0 < len(name) <= LONGEST_NAME and not any(part in name for part in FORBIDDEN)
    sent.verdict.expect(is_clean, f"{told_as}: the name {name!r} is kept")
    given = await client.get(f"/{kind}/{found['id']}/download")
    is_same = given.content == case.content and given.headers["x-content-type-options"] == "nosniff"
    is_saved = given.headers["content-disposition"].startswith("attachment; filename=")
    sent.verdict.expect(is_same and is_saved, f"{told_as}: not given out as bytes to be saved")


async def _measured(client: httpx.AsyncClient, sent: Sent) -> None:
    """Everything that is stored has facts or a reason why there are none."""
    for file_id, what in sent.stored.items():
        try:
            answer = await settle(lambda file_id=file_id: client.get(f"/files/{file_id}/analysis"))  # type: ignore[misc]
        except NeverAnswered as error:
            sent.verdict.fail(f"{what} is never measured: {error}")
            continue
        sent.statuses[f"analysis {answer.status_code}"] += 1
        sent.verdict.expect(answer.status_code in OUTCOMES, f"{what}: {told(answer)}")


async def below_http(shop: Shop, token: str, verdict: Verdict) -> int:
    """Requests that lie about their length, have no end, or are packed; how many."""
    common = f"Host: x\r\nAuthorization: {token}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.stl"\r\n\r\n'
    heads: dict[str, tuple[str, bytes, int]] = {
        "four gigabytes announced": ("Content-Length: 4294967296\r\n", part, 0),
        "length without end": (f"Content-Length: {'9' * 30}\r\n", part, 0),
        "negative length": ("Content-Length: -1\r\n", part, 0),
        "two lengths": ("Content-Length: 10\r\nContent-Length: 20\r\n", part, 0),
        "length and chunks": ("Content-Length: 10\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", 0),
        "chunks without end": (
            "Transfer-Encoding: chunked\r\n",
            b"%x\r\n%s\r\n" % (len(part), part),
            ENDLESS_BYTES,
        ),
        "huge chunk": ("Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFF\r\n" + part, 0),
        "packed": ("Content-Encoding: gzip\r\nContent-Length: 20\r\n", bytes(20), 0),
    }
    for what, (framing, body, more) in heads.items():
        request = f"POST /api/v1/files HTTP/1.1\r\n{common}{framing}\r\n".encode() + body
        status = await _raw(shop.port, request, more)
        is_right = status is None or status in REFUSED
        verdict.expect(is_right, f"{what}: answered {status}")
        verdict.notes.append(f"{what}: {status or 'hung up on'}")
    return len(heads)


async def _raw(port: int, request: bytes, more_bytes: int) -> int | None:
    """Send it, and chunks as long as somebody reads them; the status, or ``None`` for a closed connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answering = asyncio.create_task(reader.readline())
    try:
        writer.write(request)
        async with asyncio.timeout(WIRE_SECONDS):
            while more_bytes > 0 and not answering.done():
                writer.write(PIECE)
                more_bytes -= len(PIECE)
                await writer.drain()
            line = await answering
    except (OSError, TimeoutError):
        return None
    finally:
        answering.cancel()
        writer.transport.abort()
    return int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else None


async def _left(shop: Shop, options: Options, mark: str, verdict: Verdict) -> None:
    """Nothing is called as somebody wished, anywhere he might have got to."""
    places = [options.folder, Path("/tmp"), Path("/"), ROOT, Path.home()]  # noqa: S108 - where escapes would be
    escaped = await asyncio.to_thread(_escaped, places, mark)
    verdict.counts["files outside the store"] = len(escaped)
    verdict.expect(not escaped, f"files are where they should not be: {escaped[:3]}")
    pieces = shop.half_written()
    verdict.expect(not pieces, f"{len(pieces)} pieces of refused uploads are left")


def _escaped(places: list[Path], mark: str) -> list[str]:
    found = [str(path) for place in places[1:] for path in place.iterdir() if _is_evil(path.name, mark)]
    for folder, folders, files in os.walk(places[0]):
        found += [str(Path(folder, name)) for name in (*folders, *files) if _is_evil(name, mark)]
    return found


def _is_evil(name: str, mark: str) -> bool:
    return mark in name or name in {"climbed", "absolute"}
