"""A network in which every address is ours: names, a public internet, and networks nobody may enter.

Run inside ``unshare --net --mount`` with a folder, which holds the order and gets the outcome. Every
connection to an address that is not public is counted.
"""

import asyncio
import ipaddress
import json
import socket
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import cast
from urllib.parse import unquote

import httpx

from scripts.chaos_suites.neighbour import read_request
from scripts.chaos_suites.shop import Shop, wait_for_200
from scripts.chaos_suites.ssrf_addresses import GOOD, NAMES, PRIVATE, PUBLIC, REBINDING, forbidden, rebinding
from scripts.chaos_suites.traffic import box_stl, sign_up, told
from scripts.chaos_suites.verdict import Options, Verdict

PORTS = (80, 443, 8080)
AT_ONCE = 20
FINISHED_SECONDS = 120.0
ACCEPTED = 202
A, AAAA = 1, 28
RESPONSE, NO_SUCH_NAME = 0x8180, 0x8183


class World:
    """Answers for every name and every address."""

    def __init__(self) -> None:
        self.trespasses: Counter[str] = Counter()
        self.visits = 0
        self.lookups: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []

    async def open(self) -> None:
        """Listen on every address, and answer for names."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: _Names(self), local_addr=("127.0.0.1", 53))
        for port in PORTS:
            for family, everywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - of our own world
                self._servers.append(
                    await asyncio.start_server(self._visited, everywhere, port, family=family)
                )

    async def is_counting(self) -> bool:
        """Whether somebody who goes where he should not is noticed; tried by ourselves."""
        for address in PRIVATE:
            _, writer = await asyncio.open_connection(address, PORTS[0])
            writer.close()
        await asyncio.sleep(0.1)
        noticed = self.trespasses.keys() >= set(PRIVATE)
        self.trespasses.clear()
        return noticed

    def close(self) -> None:
        """Listen no more."""
        for server in self._servers:
            server.close()

    def answers(self, name: str) -> tuple[str, ...]:
        """What a name means now."""
        self.lookups[name] += 1
        if name.startswith(REBINDING):
            return (PUBLIC[1],) if self.lookups[name] == 1 else ("127.0.0.1",)
        return NAMES.get(name, ())

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = str(writer.get_extra_info("sockname")[0]).removeprefix("::ffff:")
        if address not in PUBLIC:
            self.trespasses[address] += 1
        self.visits += 1
        try:
            asked = await read_request(reader)
            path, _, target = asked.path.partition("?")
            writer.write(_redirect(unquote(target)) if path == "/to" else _part())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()


class _Names(asyncio.DatagramProtocol):
    """The answers of a name server (RFC 1035, 4.1)."""

    def __init__(self, world: World) -> None:
        self.world = world

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        labels, place = [], 12
        while data[place]:
            labels.append(data[place + 1 : place + 1 + data[place]])
            place += data[place] + 1
        question = data[12 : place + 5]
        (kind,) = struct.unpack_from(">H", data, place + 1)
        name = b".".join(labels).decode("ascii", "replace").lower()
        found = self.world.answers(name) if kind == A else NAMES.get(name, ())
        wanted = [
            parsed.packed
            for parsed in map(ipaddress.ip_address, found)
            if parsed.version == {A: 4, AAAA: 6}.get(kind)
        ]
        records = b"".join(
            struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(packed)) + packed for packed in wanted
        )
        is_known = bool(found) or name.startswith(REBINDING)
        head = struct.pack(">HHHHH", RESPONSE if is_known else NO_SUCH_NAME, 1, len(wanted), 0, 0)
        self.transport.sendto(data[:2] + head + question + records, addr)


def settle_in(folder: Path) -> None:
    """Take all addresses, and send everybody who asks for a name to us."""
    for step in (["ip", "link", "set", "lo", "up"], *(_taking(one) for one in (*PUBLIC, *PRIVATE))):
        subprocess.run(step, check=True)
    asking = folder / "resolv.conf"
    asking.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    known = Path("/etc/resolv.conf").resolve()
    subprocess.run(["mount", "--bind", str(asking), str(known)], check=True)


def _taking(address: str) -> list[str]:
    is_six = ":" in address
    return [
        "ip",
        "addr",
        "add",
        f"{address}/{128 if is_six else 32}",
        "dev",
        "lo",
        *(["nodad"] if is_six else []),
    ]


def _part() -> bytes:
    body = box_stl(10, 20, 30)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def _redirect(target: str) -> bytes:
    head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: "
    return head.encode() + target.encode("utf-8", "replace") + b"\r\n\r\n"


async def attack(options: Options) -> Verdict:
    """Have the API import from every address until the budget is used up."""
    verdict, world = Verdict("ssrf"), World()
    await world.open()
    verdict.expect(await world.is_counting(), "the traps do not work")
    dice = options.dice("ssrf")
    shop = Shop(options.folder / "shop", MILLWRIGHT_STORAGE__DEMO_FILES="false")
    shop.start_api()
    try:
        await wait_for_200(f"{shop.url}/health/live", 60.0, shop.api)
        async with shop.client() as client:
            client.headers.update(await sign_up(client))
            good = await _imported(client, [f"http://{GOOD}/part.stl"], verdict)
            verdict.expect(good == ["stored"], "nothing can be imported from a public address")
            addresses, budget, asked = list(forbidden(dice)), options.budget(), 0
            while addresses and budget.is_left:
                several, addresses = addresses[: AT_ONCE - 1], addresses[AT_ONCE - 1 :]
                several = several[: (budget.count or 10**9) - budget.spent]
                outcomes = await _imported(client, [*several, rebinding(dice)], verdict)
                for address, status in zip(several, outcomes, strict=False):
                    verdict.expect(status == "failed", f"{address} was fetched")
                asked += len(several) + 1
                budget.spent += len(several)
    finally:
        await shop.stop()
        world.close()
    verdict.counts = {"addresses": asked, "connections into our networks": world.trespasses.total()}
    rebound = sum(times > 1 for name, times in world.lookups.items() if name.startswith(REBINDING))
    verdict.notes.append(f"{world.visits} connections in all; {rebound} changing names were asked for twice")
    verdict.expect(not world.trespasses, f"connections were made to {dict(world.trespasses)}")
    verdict.expect(world.visits > 1, "nobody came at all")
    return verdict


async def _imported(client: httpx.AsyncClient, urls: list[str], verdict: Verdict) -> list[str]:
    """What became of each address, told when all are settled."""
    begun = await client.post("/files/import", json={"urls": urls})
    if begun.status_code != ACCEPTED:
        verdict.fail(told(begun))
        return []
    where = begun.headers["Location"].removeprefix("/api/v1")
    deadline = asyncio.get_running_loop().time() + FINISHED_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        found = (await client.get(where)).json()
        if found["status"] == "finished":
            return [item["status"] for item in found["items"]]
        await asyncio.sleep(0.1)
    verdict.fail("an import does not end")
    return []


def main() -> None:
    """Read the order, attack, and write down the outcome."""
    folder = Path(sys.argv[1])
    order = json.loads((folder / "order.json").read_text())
    settle_in(folder)
    verdict = asyncio.run(attack(Options(folder, **order)))
    outcome = {"counts": verdict.counts, "failures": dict(verdict.failures), "notes": verdict.notes}
    (folder / "outcome.json").write_text(json.dumps(outcome))


if __name__ == "__main__":
    main()
