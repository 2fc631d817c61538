"""STEP files of 200 MB through the whole service: how long until facts or a refusal."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from scripts.bench_suites.customer import Customer
from scripts.bench_suites.huge_step import many_parts, many_points
from scripts.bench_suites.measure import BenchFailed, Figures, Goal, Options, Row, Sample, Verdict
from scripts.bench_suites.processes import cpu_seconds, megabytes, peak_bytes, reset_peak
from scripts.bench_suites.servers import site
from scripts.bench_suites.uploads import Sender

SIZE_BYTES, QUICK_BYTES = 200_000_000, 100_000
FACTS = "facts"
SOUND = {FACTS, "cad-too-complex", "cad-invalid"}
"""The last is the truth about a file without any shape."""
IN_TIME = Goal("facts or a refusal within {} s", 60)
LONGEST_SECONDS, POLL_SECONDS = 180.0, 0.25
Written = Callable[[Path, int], Path]
FILES: dict[str, Written] = {
    "parts": many_parts,
    "parts, names of 160 characters": partial(many_parts, name_chars=160),
    "parts, names of 4,000 characters": partial(many_parts, name_chars=4000),
    "points alone": many_points,
    "points, names of 160 characters": partial(many_points, name_chars=160),
}


def rows_of_huge_files(folder: Path, options: Options) -> list[Row]:
    """One after the other, each to its end."""
    place = site(folder)
    with place.both() as (api, calculator):
        customer = Customer(api.address)
        rows = []
        for name, written in FILES.items():
            path = written(folder / "huge.step", QUICK_BYTES if options.quick else SIZE_BYTES)
            rows.append(
                _row(name, path, customer, (api.pid, calculator.pid), Sender(api.port, customer.headers))
            )
            path.unlink()
    return rows


def _row(name: str, path: Path, customer: Customer, pids: tuple[int, int], sender: Sender) -> Row:
    content = path.read_bytes()
    before, cpu, wall = [reset_peak(pid) for pid in pids], cpu_seconds(*pids), time.perf_counter()
    sender.multipart("/api/v1/files", content)
    file = customer.api.get("/files?limit=1").body["items"][0]
    outcome = _outcome(customer, file["id"])
    sample = Sample(time.perf_counter() - wall, cpu_seconds(*pids) - cpu)
    api, calculator = (megabytes(peak_bytes(pid) - was) for pid, was in zip(pids, before, strict=True))
    return Row(
        f"STEP of {megabytes(len(content))}: {name}",
        "ours, upload to the end of the analysis",
        Figures.of([sample]),
        relative=outcome,
        memory=f"API +{api}, calculator +{calculator}",
        verdicts=(IN_TIME.judge(sample.wall_seconds), Verdict(f"ends in {outcome}", outcome in SOUND)),
    )


def _outcome(customer: Customer, file_id: str) -> str:
    """``facts``, or the code of the refusal."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        file = customer.api.get(f"/files/{file_id}").body
        if file["status"] in {"ready", "failed"}:
            return file["failure"]["code"] if file["failure"] else FACTS
        time.sleep(POLL_SECONDS)  # noqa: TID251 - a script of its own, there is no loop to block
    raise BenchFailed(f"a huge STEP file came to no end within {LONGEST_SECONDS:.0f} s")
