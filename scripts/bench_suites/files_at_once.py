"""Twenty clients that upload at the same time: memory of the API, lag of its event loop, time."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.bench_suites.customer import Customer, answered
from scripts.bench_suites.measure import Figures, Goal, Options, Row, Sample, compared
from scripts.bench_suites.object_store import object_store
from scripts.bench_suites.processes import cpu_seconds, megabytes, peak_bytes, reset_peak
from scripts.bench_suites.servers import Server, serving, site
from scripts.bench_suites.uploads import Sender
from scripts.bench_suites.watched_api import LAG

CLIENTS = 20
HEADER_BYTES = 80
"""Of a binary STL, and free text: each client's content is its own."""
MULTIPART, TUS, FLOOR = "ours, multipart", "ours, resumable", "floor: bodies to disk"
FOLDER, S3 = "folder", "S3"
GROWTH = Goal("memory grows by ≤ {} MB", 100)
Send = Callable[[Sender, bytes], None]


@dataclass(frozen=True)
class Load:
    """What many uploads at once took."""

    sample: Sample
    growth_bytes: int
    lag_seconds: float | None = None
    """The 99th percentile."""


def rows_at_once(folder: Path, part: Path, floor: Server, options: Options) -> list[Row]:
    """Both ways in, over both stores, against the floor on the disk."""
    content = part.read_bytes()
    loads = {(FOLDER, FLOOR): _load(floor, Sender(floor.port), content, _to_floor)}
    with ExitStack() as stack:
        stores = {FOLDER: {}, S3: stack.enter_context(object_store(folder, site(folder).environment))}
        for store, settings in stores.items():
            with watched(folder / f"at-once-{store}", settings) as api:
                sender = Sender(api.port, Customer(api.address).headers)
                loads[store, MULTIPART] = _load(api, sender, content, _multipart, is_watched=True)
                loads[store, TUS] = _load(api, sender, content, _tus, is_watched=True)
    return [
        _row(store, name, load, loads[FOLDER, FLOOR], content, options)
        for (store, name), load in loads.items()
    ]


@contextmanager
def watched(folder: Path, settings: dict[str, str]) -> Iterator[Server]:
    """An API over a store, without background jobs, its loop watched; the calculator is not asked."""
    folder.mkdir()
    place = site(folder, database_url=None, bytecode=None, jobs__embedded="false", **settings)
    module = "scripts.bench_suites.watched_api"
    with serving("api", module, folder, place.environment, place.api_port, health="/health/live") as api:
        yield api


def _load(server: Server, sender: Sender, content: bytes, send: Send, *, is_watched: bool = False) -> Load:
    """One upload first, for what is imported and pooled only then; its memory counts as well."""
    before = reset_peak(server.pid)
    send(sender, content)
    if is_watched:
        answered(server.address + LAG)
    cpu, wall = cpu_seconds(server.pid), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda _: send(sender, content), range(CLIENTS)))
    sample = Sample(time.perf_counter() - wall, cpu_seconds(server.pid) - cpu)
    growth = peak_bytes(server.pid) - before
    return Load(sample, growth, _p99(answered(server.address + LAG)) if is_watched else None)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _own(content: bytes) -> tuple[bytes, memoryview]:
    label = f"{time.perf_counter_ns()}".encode().ljust(HEADER_BYTES)
    return label, memoryview(content)[HEADER_BYTES:]


def _to_floor(sender: Sender, content: bytes) -> None:
    sender.multipart("/upload", *_own(content))


def _multipart(sender: Sender, content: bytes) -> None:
    sender.multipart("/api/v1/files", *_own(content))


def _tus(sender: Sender, content: bytes) -> None:
    sender.tus("/api/v1/uploads", *_own(content))


def _row(store: str, name: str, load: Load, floor: Load, content: bytes, options: Options) -> Row:
    case = f"{CLIENTS} × {megabytes(len(content))} up, {store}"
    found = {name: Figures.of([load.sample]), FLOOR: Figures.of([floor.sample])}
    row = compared(case, found, FLOOR, options.clock, {})[0]
    memory = f"+{megabytes(load.growth_bytes)}"
    if load.lag_seconds is None:
        return replace(row, memory=memory)
    lag = f"event loop late by {load.lag_seconds * 1000:.0f} ms (p99)"
    return replace(
        row,
        relative=f"{row.relative}; {lag}",
        memory=memory,
        verdicts=(GROWTH.judge(load.growth_bytes / 1e6),),
    )
