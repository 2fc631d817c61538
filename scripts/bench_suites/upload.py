"""A large upload: time and the growth of the server's memory, against a route that only writes to disk."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts.bench_suites.customer import Customer
from scripts.bench_suites.floor_upload import FOLDER, PORT
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import Options, Report, Row, compared, interleaved
from scripts.bench_suites.parts import tube_stl
from scripts.bench_suites.processes import megabytes, peak_bytes, reset_peak
from scripts.bench_suites.servers import Server, free_port, serving, site

OURS, FLOOR = "ours, multipart", "floor: body to disk"
TRIANGLES, ROUNDS = 1_000_000, 7
BOUNDARY = "bench-0123456789abcdef"
CREATED = 201
METHOD = """
An STL of 50 MB (one million triangles) as multipart to `POST /api/v1/files`: streamed, digested, sniffed,
stored whole or not at all, with its row in the database. The *floor* is a Starlette route that writes the
body as it comes to a file and knows nothing of multipart. Memory is how much the peak resident size of the
server process grew during one upload, after others before it.
"""


def run(options: Options) -> Report:
    """Both in turn, then once more each for memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place, port = site(folder), free_port()
        content = tube_stl(folder / "part.stl", 1_000 if options.quick else TRIANGLES).read_bytes()
        environment = {**place.environment, PORT: str(port), FOLDER: name}
        with (
            place.both() as (api, _),
            serving("floor", "scripts.bench_suites.floor_upload", folder, environment, port) as floor,
        ):
            customer = Customer(api.address)
            requests = {
                OURS: (api, multipart("/api/v1/files", content, customer.headers)),
                FLOOR: (floor, multipart("/upload", content, {})),
            }
            candidates = {
                name: server.answering(request, requests=1, expected=CREATED)
                for name, (server, request) in requests.items()
            }
            found = interleaved(candidates, options.rounds_or(ROUNDS))
            growth = {name: peak_growth(server, candidates[name]) for name, (server, _) in requests.items()}
    rows = [
        Row(row.case, row.candidate, row.figures, row.relative, f"+{megabytes(growth[row.candidate])}")
        for row in compared(megabytes(len(content)), found, FLOOR, options.clock, {})
    ]
    return Report("upload", "Large uploads", METHOD, rows, options.clock)


def peak_growth(server: Server, upload: Callable[[], object]) -> int:
    """Bytes the server's peak resident size grows by during one more upload."""
    before = reset_peak(server.pid)
    upload()
    return peak_bytes(server.pid) - before


def multipart(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    """The whole request with the content as its field ``file``."""
    disposition = 'form-data; name="file"; filename="part.stl"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
    body = head + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return request_bytes("POST", path, body=body, headers={**headers, **kind})
