"""What signing in costs the others: reading while passwords are hashed without a pause, and a login alone."""

import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.bench_suites.customer import PASSWORD_BYTES, Customer
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import Candidate, Figures, Goal, Options, Report, Row, Sample, interleaved
from scripts.bench_suites.servers import Server, site

ALONE, BESIDE, LOGIN = "reads alone", "reads while logins hash", "one login"
ROUNDS, READS, CONNECTIONS, LOGINS_AT_ONCE = 7, 400, 8, 4
LEAST_KEPT = 0.5
METHOD = """
One customer reads one own order (`GET /api/v1/orders/{id}`), eight connections at once, one server process
on SQLite; alone, and while four others sign in one after the other, each with the right password, so that
the thread that hashes never rests (bcrypt, cost 12, as by default; limits of rate are switched off). *Kept*
is the throughput beside the logins as a part of that alone, by wall time: the CPU time of the process holds
the hashing too. *One login* is a login with nobody else there. The load comes from the same machine, so with
two cores server, hashing and load share them; the hashing thread has the lowest priority of the three.
"""


def run(options: Options) -> Report:
    """The same reads alone and beside the logins, in turn."""
    reads = 40 if options.quick else READS
    with tempfile.TemporaryDirectory() as name, site(Path(name)).both() as (api, _):
        customer = Customer(api.address)
        order = f"/api/v1/orders/{customer.placed_order()}"
        reading = api.answering(
            request_bytes("GET", order, headers=customer.headers), requests=reads, connections=CONNECTIONS
        )
        signing_in = login_request(customer)
        hashed: list[float] = []
        found = interleaved(
            {
                ALONE: reading,
                BESIDE: beside(api, signing_in, reading, hashed),
                LOGIN: api.answering(signing_in, requests=1),
            },
            options.rounds_or(ROUNDS),
        )
    return Report("auth", "Signing in beside other work", METHOD, rows_of(found, hashed), "wall")


def rows_of(found: dict[str, Figures], hashed: list[float]) -> list[Row]:
    """The reads with what they keep, the login with how many there were beside them."""
    kept = found[ALONE].wall_seconds / found[BESIDE].wall_seconds
    verdict = Goal("≥ {}× the throughput alone", LEAST_KEPT, at_least=True).judge(kept)
    rate = sum(hashed) / len(hashed)
    return [
        Row("read", ALONE, found[ALONE], relative="1.00×"),
        Row(
            "read",
            BESIDE,
            found[BESIDE],
            relative=f"kept {kept:.2f}× beside {rate:.1f} logins/s",
            verdicts=(verdict,),
        ),
        Row("login", LOGIN, found[LOGIN]),
    ]


def login_request(customer: Customer) -> bytes:
    """A login of another account than the one that reads."""
    email, password = f"login-{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(PASSWORD_BYTES)
    customer.api.post("/register", {"email": email, "password": password, "full_name": "Bench"})
    return request_bytes("POST", "/api/v1/login", body={"email": email, "password": password})


def beside(api: Server, request: bytes, reading: Candidate, hashed: list[float]) -> Candidate:
    """The candidate, run while others sign in; how many of them did so per second is added to ``hashed``."""

    def run() -> Sample:
        with logins(api, request) as rates:
            sample = reading()
        hashed.extend(rates)
        return sample

    return run


@contextmanager
def logins(api: Server, request: bytes) -> Iterator[list[float]]:
    """Sign in without a pause in a thread, from the first answers on; the rate of every batch."""
    rates: list[float] = []
    busy, enough = threading.Event(), threading.Event()

    def sign_in() -> None:
        try:
            while not enough.is_set():
                outcome = api.fire(request, requests=LOGINS_AT_ONCE, connections=LOGINS_AT_ONCE)
                rates.append(outcome.requests / outcome.seconds)
                busy.set()
        finally:
            busy.set()

    thread = threading.Thread(target=sign_in)
    thread.start()
    try:
        busy.wait()
        yield rates
    finally:
        enough.set()
        thread.join()
