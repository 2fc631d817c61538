"""``ssrf``: files are imported from some hundreds of addresses that lead into our own networks.

Everything happens in a network of its own, where names, a public internet and all the networks nobody may
enter are played by one process that counts who connects to what. Not one connection may go astray.
"""

import json
import os
import subprocess
from collections import Counter

from scripts.chaos_suites.processes import MARK, Running, marked, python
from scripts.chaos_suites.verdict import Options, Verdict
from scripts.local.venv import ROOT

BEYOND_SECONDS = 120.0
"""What the world may take besides the time it is given, to start and to end."""
APART = ("unshare", "--net", "--mount")


async def run(options: Options) -> Verdict:
    """Make the world, wait for its outcome."""
    verdict = Verdict("ssrf")
    possible = subprocess.run([*APART, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)  # noqa: ASYNC221 - an instant
    if possible.returncode != 0:
        verdict.skipped = "a network of its own needs root, unshare and ip"
        return verdict
    order = {"seconds": options.seconds, "count": options.count, "seed": options.seed}
    (options.folder / "order.json").write_text(json.dumps(order))
    mark = f"ssrf-{os.getpid()}"
    world = Running(
        "world",
        [*APART, *python("-m", "scripts.chaos_suites.ssrf_world", str(options.folder))],
        {**os.environ, MARK: mark, "PYTHONPATH": str(ROOT)},
        options.folder / "world.log",
    )
    ended = await world.ended_within(options.seconds + BEYOND_SECONDS)
    await world.stop()
    outcome = options.folder / "outcome.json"
    if not ended or not outcome.exists():
        verdict.fail(f"the world came to no end: {world.last_words()}")
        return verdict
    found = json.loads(outcome.read_text())
    verdict.counts, verdict.notes = found["counts"], found["notes"]
    verdict.failures = Counter(found["failures"])
    verdict.expect(not (left := marked(mark)), f"processes are left: {sorted(left.values())}")
    return verdict
