"""Large files up and down: against a bare streaming route and against the disk; memory of many at once."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from scripts.bench_suites.customer import Customer
from scripts.bench_suites.files_at_once import CLIENTS, rows_at_once
from scripts.bench_suites.files_huge import rows_of_huge_files
from scripts.bench_suites.floor_files import FOLDER, PORT
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import Candidate, Options, Report, Row, compared, interleaved, timed
from scripts.bench_suites.parts import tube_stl
from scripts.bench_suites.processes import megabytes, peak_bytes, reset_peak
from scripts.bench_suites.servers import Server, free_port, serving, site
from scripts.bench_suites.uploads import CREATED, multipart

OURS_UP, FLOOR_UP, DISK_UP = "ours, multipart", "floor: body to disk", "disk: write and sync"
OURS_DOWN, FLOOR_DOWN, DISK_DOWN = "ours, download", "floor: disk to body", "disk: read"
TRIANGLES, ROUNDS = 1_000_000, 7
PIECE_BYTES = 256 * 1024
METHOD = f"""
An STL of 50 MB (one million triangles), as multipart to `POST /api/v1/files` (streamed, counted, digested,
sniffed, synced to the disk, stored whole or not at all, with its row in the database) and back from
`GET /api/v1/files/{{id}}/download`. The *floors* are Starlette routes that write the body as it comes to a
file, and send a file in pieces; they know nothing of multipart, rows or rights and sync nothing. The *disk*
is the same bytes written to a file and synced, or read from one, in one process without any server.
Background jobs are switched off. Memory is how much the peak resident size of the server process grew during
one more request, or while {CLIENTS} clients sent 50 MB each at the same time: as multipart and as resumable
uploads (tus), into a folder and into an S3 server (moto, in a process of its own, which is slow). Meanwhile
the API's event loop was looked at every five milliseconds: how late it came is told for the 99th percentile.

STEP files of 200 MB go through the whole service, background jobs and calculator included: the shaft of the
demo parts copied thousands of times, and points nothing refers to; with long names they keep below the number
of entities the calculator reads. A file without any shape ends in `cad-invalid`.
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
            rows += rows_at_once(folder, part, floor, options)
        rows += rows_of_huge_files(folder / "huge", options)
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
