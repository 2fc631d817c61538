"""Large files up and down: against a bare streaming route and against the disk; memory of many at once."""

import os
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from scripts.bench_suites.customer import Customer
from scripts.bench_suites.floor_files import FOLDER, PORT
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import (
    BenchFailed,
    Candidate,
    Goal,
    Options,
    Report,
    Row,
    Sample,
    compared,
    interleaved,
    timed,
)
from scripts.bench_suites.parts import tube_stl
from scripts.bench_suites.processes import cpu_seconds, megabytes, peak_bytes, reset_peak
from scripts.bench_suites.servers import Server, free_port, serving, site

OURS_UP, FLOOR_UP, DISK_UP = "ours, multipart", "floor: body to disk", "disk: write and sync"
OURS_DOWN, FLOOR_DOWN, DISK_DOWN = "ours, download", "floor: disk to body", "disk: read"
OURS_MANY, FLOOR_MANY = "ours, at once", "floor: bodies to disk, at once"
TRIANGLES, ROUNDS = 1_000_000, 7
CLIENTS = 20
STL_HEADER_BYTES = 80
PIECE_BYTES = 256 * 1024
BOUNDARY = "bench-0123456789abcdef"
CREATED, STATUS = 201, slice(9, 12)
GROWTH = Goal("memory grows by ≤ {} MB", 100)
METHOD = f"""
An STL of 50 MB (one million triangles), as multipart to `POST /api/v1/files` (streamed, counted, digested,
sniffed, synced to the disk, stored whole or not at all, with its row in the database) and back from
`GET /api/v1/files/{{id}}/download`. The *floors* are Starlette routes that write the body as it comes to a
file, and send a file in pieces; they know nothing of multipart, rows or rights and sync nothing. The *disk*
is the same bytes written to a file and synced, or read from one, in one process without any server.
Background jobs are switched off. Memory is how much the peak resident size of the server process grew during
one more request, or while {CLIENTS} clients sent 50 MB each at the same time.
"""


def run(options: Options) -> Report:
    """All in turn, then once more for memory, then many at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place, port = site(folder, jobs__embedded="false"), free_port()
        part = tube_stl(folder / "part.stl", 1_000 if options.quick else TRIANGLES)
        environment = {**place.environment, PORT: str(port), FOLDER: name}
        with (
            place.both() as (api, _),
            serving("floor", "scripts.bench_suites.floor_files", folder, environment, port) as floor,
        ):
            bench = Bench(api, floor, part, Customer(api.address))
            rounds = options.rounds_or(ROUNDS)
            rows = bench.rows("up", bench.uploads(), FLOOR_UP, rounds, options)
            rows += bench.rows("down", bench.downloads(), FLOOR_DOWN, rounds, options)
            rows += bench.many(options)
    return Report("files", "Large files", METHOD, rows, options.clock)


class Bench:
    """Both servers, one part, one customer."""

    def __init__(self, api: Server, floor: Server, part: Path, customer: Customer) -> None:
        self.api = api
        self.floor = floor
        self.part = part
        self.customer = customer
        self.content = part.read_bytes()

    def uploads(self) -> dict[str, tuple[Server | None, Candidate]]:
        """The part on its way in."""
        ours = multipart("/api/v1/files", self.content, self.customer.headers)
        floor = multipart("/upload", self.content, {})
        return {
            OURS_UP: (self.api, self.api.answering(ours, requests=1, expected=CREATED)),
            FLOOR_UP: (self.floor, self.floor.answering(floor, requests=1, expected=CREATED)),
            DISK_UP: (None, timed(self._write)),
        }

    def downloads(self) -> dict[str, tuple[Server | None, Candidate]]:
        """The part on its way out."""
        stored = self.customer.api.upload("/files", self.part.name, self.content).body["id"]
        path = f"/api/v1/files/{stored}/download"
        ours = request_bytes("GET", path, headers=self.customer.headers)
        return {
            OURS_DOWN: (self.api, self.api.answering(ours, requests=1)),
            FLOOR_DOWN: (
                self.floor,
                self.floor.answering(request_bytes("GET", f"/{self.part.name}"), requests=1),
            ),
            DISK_DOWN: (None, timed(self._read)),
        }

    def rows(
        self,
        way: str,
        candidates: dict[str, tuple[Server | None, Candidate]],
        reference: str,
        rounds: int,
        options: Options,
    ) -> list[Row]:
        """Times of all, memory of those that are servers."""
        found = interleaved({name: run for name, (_, run) in candidates.items()}, rounds)
        growth = {
            name: f"+{megabytes(peak_growth(server, run))}"
            for name, (server, run) in candidates.items()
            if server is not None
        }
        case = f"{megabytes(len(self.content))} {way}"
        return [
            replace(row, memory=growth.get(row.candidate, ""))
            for row in compared(case, found, reference, options.clock, {})
        ]

    def many(self, options: Options) -> list[Row]:
        """Many clients at once, each with a content of its own."""
        candidates = {OURS_MANY: (self.api, "/api/v1/files"), FLOOR_MANY: (self.floor, "/upload")}
        growth: dict[str, int] = {}
        runs: dict[str, Candidate] = {}
        for name, (server, path) in candidates.items():
            before = reset_peak(server.pid)
            self._at_once(server, path)
            growth[name] = peak_bytes(server.pid) - before
            runs[name] = partial(self._measured, server, path)
        found = interleaved(runs, 1, warm_up=0)
        case = f"{CLIENTS} × {megabytes(len(self.content))} up"
        verdicts = {name: [GROWTH.judge(growth[name] / 1e6)] for name in (OURS_MANY,)}
        return [
            replace(row, memory=f"+{megabytes(growth[row.candidate])}")
            for row in compared(case, found, FLOOR_MANY, options.clock, verdicts)
        ]

    def _measured(self, server: Server, path: str) -> Sample:
        """Wall time of all together, CPU time of the server."""
        cpu, wall = cpu_seconds(server.pid), time.perf_counter()
        self._at_once(server, path)
        return Sample(time.perf_counter() - wall, cpu_seconds(server.pid) - cpu)

    def _at_once(self, server: Server, path: str) -> None:
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(lambda number: self._send(server, path, number), range(CLIENTS)))

    def _send(self, server: Server, path: str, number: int) -> None:
        """One upload, its header changed, sent from the memory that all share."""
        request = multipart(path, b"", self.customer.headers, len(self.content))
        head, _, end = request.rpartition(f"\r\n--{BOUNDARY}--".encode())
        label = f"{number} {time.perf_counter_ns()}".encode().ljust(STL_HEADER_BYTES)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(head + label)
            connection.sendall(memoryview(self.content)[STL_HEADER_BYTES:])
            connection.sendall(f"\r\n--{BOUNDARY}--".encode() + end)
            status = int(connection.recv(4096)[STATUS])
        if status != CREATED:
            raise BenchFailed(f"an upload among {CLIENTS} was answered {status}")

    def _write(self) -> None:
        path = self.part.with_name("written")
        with path.open("wb") as file:
            for start in range(0, len(self.content), PIECE_BYTES):
                file.write(memoryview(self.content)[start : start + PIECE_BYTES])
            file.flush()
            os.fsync(file.fileno())
        path.unlink()

    def _read(self) -> None:
        with self.part.open("rb") as file:
            while file.read(PIECE_BYTES):
                pass


def peak_growth(server: Server, again: Candidate) -> int:
    """Bytes the server's peak resident size grows by during one more request."""
    before = reset_peak(server.pid)
    again()
    return peak_bytes(server.pid) - before


def multipart(path: str, content: bytes, headers: dict[str, str], length: int | None = None) -> bytes:
    """The whole request with the content as its field ``file``; ``length`` leaves room for one sent apart."""
    disposition = 'form-data; name="file"; filename="part.stl"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
    body = head + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    request = request_bytes("POST", path, body=body, headers={**headers, **kind})
    if length is None:
        return request
    announced, room = f"Content-Length: {len(body)}".encode(), len(body) + length
    return request.replace(announced, f"Content-Length: {room}".encode(), 1)
