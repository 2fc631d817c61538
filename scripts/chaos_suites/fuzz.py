"""``fuzz``: schemathesis invents requests for every route over a real port, with and without login."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.chaos_suites.processes import Running, marked, python
from scripts.chaos_suites.shop import Shop
from scripts.chaos_suites.traffic import sign_up
from scripts.chaos_suites.verdict import Options, Verdict

LEAVING = "/(logout|password/change)$"
"""Routes that end the session of whoever calls them; fuzzed by a customer of their own."""
START_SECONDS = 90
"""What schemathesis may take beyond its time to load, to finish a scenario, and to report."""
SETTINGS = """
[checks]
enabled = true
# any 4xx is one of the contract's refusals; which of them a route may give is status_code_conformance
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503", "504", "507"]
# some rules of the contract are no JSON schema: checksums of accounts, fields that belong together
[checks.positive_data_acceptance]
enabled = false
# DELETE /files/demo is DELETE /files/{file_id} with an id that is none
[checks.unsupported_method]
enabled = false

[generation]
database = "none"
no-shrink = true

# enough valid words that prices and orders are reached
[dictionaries]
services = { values = ["cnc-milling", "cnc-lathe", "printing", "painting"] }
materials = { values = ["alum_D16", "steel_40X13", "brass_L63"] }
[parameters]
"body.service_id" = { dictionary = "services", probability = 0.8 }
"body.material_id" = { dictionary = "materials", probability = 0.8 }
"""


@dataclass
class Identity:
    """Who calls, which routes, and with which dice."""

    name: str
    arguments: list[str]
    share: float = 1.0
    """Of the time."""


async def run(options: Options) -> Verdict:
    """Fuzz as a stranger, as a customer and as one who is leaving, all at the same time."""
    verdict = Verdict("fuzz")
    async with Shop(options.folder / "shop") as shop:
        running = [
            _start(shop, options, identity, number) for number, identity in enumerate(await _identities(shop))
        ]
        for fuzzer in running:
            await fuzzer.wait(verdict)
        verdict.expect(bool(shop.api and shop.api.is_alive), "the API ended")
        verdict.expect(bool(shop.calculator and shop.calculator.is_alive), "the calculator ended")
        await shop.wait_ready()
    reports = {fuzzer.name: fuzzer.report() for fuzzer in running}
    tell(reports, verdict)
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


async def _identities(shop: Shop) -> list[Identity]:
    async with shop.client() as client:
        tokens = [(await sign_up(client))["Authorization"] for _ in range(3)]
    staying = [
        ["--header", f"Authorization: {token}", "--exclude-path-regex", LEAVING] for token in tokens[:2]
    ]
    leaving = ["--header", f"Authorization: {tokens[2]}", "--include-path-regex", LEAVING]
    return [
        Identity("stranger", []),
        Identity("customer", staying[0]),
        Identity("second customer", [*staying[1], "--phases", "fuzzing,stateful"]),
        Identity("leaving", leaving, share=0.2),
    ]


@dataclass
class Fuzzer:
    """One process of schemathesis and where it reports."""

    name: str
    process: Running
    report_path: Path
    seconds: float

    async def wait(self, verdict: Verdict) -> None:
        """Until it has reported; stopped when it takes far too long."""
        ended = await self.process.ended_within(self.seconds + START_SECONDS)
        verdict.expect(ended, f"the fuzzing {self.name} does not end")
        await self.process.stop()
        if not self.report_path.exists():
            verdict.fail(f"the fuzzing {self.name} did not report: {self.process.last_words()}")

    def report(self) -> dict[str, Any]:
        """What it found."""
        if not self.report_path.exists():
            return {}
        found: dict[str, Any] = json.loads(self.report_path.read_text())
        return found


def _start(shop: Shop, options: Options, identity: Identity, number: int) -> Fuzzer:
    folder = options.folder / identity.name.replace(" ", "-")
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(SETTINGS)
    seconds = max(1, int(options.seconds * identity.share))
    report = folder / "report.json"
    command = python(
        *("-m", "schemathesis.cli", "--no-color", "run", f"{shop.url}/openapi.json"),
        *("--max-time", str(seconds), "--seed", str(options.seed + number), "--workers", "1"),
        *("--continue-on-failure", "--report", "json", "--report-json-path", str(report)),
        *identity.arguments,
    )
    process = Running(identity.name, command, shop.environment, folder / "output.log")
    return Fuzzer(identity.name, process, report, seconds)


def tell(reports: dict[str, dict[str, Any]], verdict: Verdict) -> None:
    """Add up what the processes reported."""
    requests = {name: report.get("test_cases", {}).get("generated", 0) for name, report in reports.items()}
    verdict.counts |= {"requests": sum(requests.values()), "kinds of failures": 0}
    for name, report in reports.items():
        for sentence in _failures(report):
            verdict.counts["kinds of failures"] = int(verdict.counts["kinds of failures"]) + 1
            verdict.fail(f"{name}: {sentence}")
    routes = max((report.get("operations", {}).get("tested", 0) for report in reports.values()), default=0)
    verdict.notes.append(
        f"{routes} operations; " + ", ".join(f"{name} {count}" for name, count in requests.items())
    )


def _failures(report: dict[str, Any]) -> Iterator[str]:
    for failure in report.get("failures", []):
        for operation in failure["operations"]:
            yield f"{failure['title']} ({failure['code']}) at {operation}"
    for error in report.get("errors", []):
        yield f"schemathesis failed: {json.dumps(error)[:300]}"
