"""``fuzz``: schemathesis invents requests for every route over a real port, with and without login.

Meanwhile one customer asks for what can be meant, so that prices and orders come out.
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.chaos_suites.processes import Running, marked, python
from scripts.chaos_suites.shop import Shop, direct_client
from scripts.chaos_suites.traffic import sign_in, sign_up
from scripts.chaos_suites.verdict import Options, Verdict
from scripts.chaos_suites.wishes import Wishes

LEAVING = r"/(logout|password/change|sessions/\{session_id\})$"
"""Routes that end the session of whoever calls them; fuzzed by a customer of their own."""
OF_USERS = r"/users/\{user_id\}"
"""Routes that may end anybody's session; fuzzed by an administrator of their own, after all others."""
START_SECONDS = 90
"""What schemathesis may take beyond its time to load, to finish a scenario, and to report."""
COUNTED = re.compile(r'^http_requests_total\{.*route="([^"]+)",status="(\d+)"\} ([0-9.e+]+)$', re.MULTILINE)
ADMINISTRATOR = {"email": "administrator@example.com", "password": secrets.token_urlsafe(12)}
HOOKS = Path(__file__).parent / "fuzz_hooks.py"
SETTINGS = """
hooks = "{hooks}"

[auth]
auto-signup = false

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
[checks.allow_header_conformance]
enabled = false

# an upload is refused for its version of the protocol before anything else is looked at
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "415", "422", "429", "5xx"]

[generation]
database = "none"
no-shrink = true

# enough valid words that prices and orders are reached
[dictionaries]
services = { values = ["cnc-milling", "cnc-lathe", "printing", "painting"] }
materials = { values = ["alum_D16", "steel_40X13", "brass_L63"] }
tolerances = { values = ["IT7", "IT10", "IT12"] }
finishes = { values = ["Ra3.2", "Ra12.5"] }
controls = { values = ["control-manufacturer", "control-customer"] }
demo = { values = ["00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000003"] }
[parameters]
"body.tolerance_id" = { dictionary = "tolerances", probability = 0.8 }
"body.finish_id" = { dictionary = "finishes", probability = 0.8 }
"body.control_id" = { dictionary = "controls", probability = 0.8 }
"body.file_id" = { dictionary = "demo", probability = 0.8 }
"path.file_id" = { dictionary = "demo", probability = 0.5 }
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
    """Fuzz as a stranger, a customer, an administrator and one who is leaving, all at the same time.

    Last comes an administrator who may shut out whomever he likes.
    """
    verdict = Verdict("fuzz")
    admin = {f"MILLWRIGHT_ADMIN__{name.upper()}": value for name, value in ADMINISTRATOR.items()}
    async with Shop(options.folder / "shop", **admin) as shop:
        *together, last = await _identities(shop)
        running = [_start(shop, options, identity, number) for number, identity in enumerate(together)]
        wishes = Wishes(shop, options, verdict)
        await wishes.work(Options(options.folder, seconds=options.seconds).budget())
        for fuzzer in running:
            await fuzzer.wait(verdict)
        running.append(_start(shop, options, last, len(together)))
        await running[-1].wait(verdict)
        verdict.expect(bool(shop.api and shop.api.is_alive), "the API ended")
        verdict.expect(bool(shop.calculator and shop.calculator.is_alive), "the calculator ended")
        await shop.wait_ready()
        statuses = await _answers(shop)
    reports = {fuzzer.name: fuzzer.report() for fuzzer in running}
    tell(reports, verdict)
    verdict.counts["wishes that can be meant"] = wishes.answers.total()
    verdict.notes.append(
        "wishes: " + ", ".join(f"{what}: {times}" for what, times in sorted(wishes.answers.items()))
    )
    verdict.notes.append("answers: " + ", ".join(f"{status}: {times}" for status, times in statuses))
    verdict.expect(not (left := marked(shop.mark)), f"processes are left: {sorted(left.values())}")
    return verdict


async def _answers(shop: Shop) -> list[tuple[str, int]]:
    """What the API counted, by status; and how often a price and an order came out."""
    async with direct_client(shop.url) as client:
        text = (await client.get("/metrics")).text
    counted: Counter[str] = Counter()
    for route, status, times in COUNTED.findall(text):
        counted[status] += int(float(times))
        if status in {"200", "201"} and route.endswith(("/calculate-price", "/orders", "/analysis")):
            counted[f"{status} at {route}"] += int(float(times))
    return sorted(counted.items())


async def _identities(shop: Shop) -> list[Identity]:
    async with shop.client() as client:
        customer, leaving = await sign_up(client), await sign_up(client)
        administrator, last = [await sign_in(client, ADMINISTRATOR) for _ in range(2)]
    return [
        Identity("stranger", []),
        Identity("customer", [*_headers(customer), "--exclude-path-regex", LEAVING]),
        Identity(
            "administrator", [*_headers(administrator), "--exclude-path-regex", f"{LEAVING}|{OF_USERS}"]
        ),
        Identity("leaving", [*_headers(leaving), "--include-path-regex", LEAVING], share=0.2),
        Identity("administrator of users", [*_headers(last), "--include-path-regex", OF_USERS], share=0.2),
    ]


def _headers(headers: dict[str, str]) -> list[str]:
    return [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]


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
    (folder / "schemathesis.toml").write_text(SETTINGS.replace("{hooks}", str(HOOKS)))
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
