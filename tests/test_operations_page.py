"""docs/operations.md says what is true of the code."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

import app.main
from app.calculator.children.protocol import Ending
from app.calculator.metrics import Metrics as CalculatorMetrics
from app.core.config import DatabaseSection, JobsSection, Settings
from app.core.errors import AppError
from app.core.http import upstream_errors
from app.core.idempotency import KEPT
from app.core.jobs.figures import JobFigures
from app.core.jobs.running import BESIDE_RUNS
from app.core.metrics import Metrics

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text()
SUFFIXES = ("_bucket", "_count", "_sum", "_created")
STREAMED = {"application/octet-stream", "application/zip", "model/gltf-binary", "text/event-stream"}
"""What is as long as somebody wants to take it."""


def failures(kind: type[AppError]) -> Iterator[type[AppError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("app."):
            yield child
        yield from failures(child)


def exported() -> set[str]:
    """Every metric of both services."""
    api, calculator = Metrics(), CalculatorMetrics(lambda: 0)
    JobFigures(api.registry)
    found = set()
    for registry in (api.registry, calculator.registry):
        for metric in registry.collect():
            name = f"{metric.name}_total" if metric.type == "counter" else metric.name
            found.add(name)
    return found


def mentioned(text: str) -> set[str]:
    names = re.findall(r"\b(?:http_requests?|calculator|process|jobs)_[a-z_]+\b", text)
    return {name.removesuffix(next((end for end in SUFFIXES if name.endswith(end)), "")) for name in names}


@pytest.fixture(scope="module")
def blocks() -> list[Any]:
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_every_code_of_a_server_failure_is_explained() -> None:
    upstream_errors("calculator")
    explained = set(re.findall(r"^\| (5\d\d) `([\w-]+)` \|", PAGE, re.MULTILINE))

    assert app.main.VERSION
    known = {
        (str(failure.status), failure.code)
        for failure in failures(AppError)
        if failure.status >= 500 and not of_another_neighbour(failure)
    }
    assert explained == known


def of_another_neighbour(failure: type[AppError]) -> bool:
    """Other tests make failures of neighbours of their own."""
    return failure.__module__ == "app.core.http" and not failure.code.startswith("calculator-")


def test_every_metric_of_the_table_is_exported_and_the_other_way_round() -> None:
    table = "\n".join(
        line
        for line in PAGE.splitlines()
        if line.startswith(("| `http_", "| `calc", "| `process", "| `jobs_"))
    )
    left_out = {"python_info", "process_virtual_memory_bytes"}

    assert mentioned(table) == exported() - left_out


def test_alerts_ask_for_metrics_that_exist(blocks: list[Any]) -> None:
    (rules,) = [group["rules"] for block in blocks for group in block.get("groups", [])]

    assert len(rules) >= 8
    for rule in rules:
        assert mentioned(rule["expr"]) <= exported(), rule


def test_an_alert_that_waits_for_a_counter_to_grow_sees_its_first_failure_too(blocks: list[Any]) -> None:
    """`increase` is 0 for a counter that is born with 1."""
    alone = re.compile(r"^increase\((?P<selected>\w+\{[^}]*\})\[(?P<time>\w+)\]\) > 0")
    found = {name: (asked, alone.match(asked)) for name, asked in alerts(blocks).items()}
    waiting = {name: (asked, match) for name, (asked, match) in found.items() if match}

    assert {"MillwrightUnexpectedFailure", "MillwrightStorageFull"} <= waiting.keys()
    assert "MillwrightChildrenKilledFromOutside" in waiting
    for asked, match in waiting.values():
        selected, time = match["selected"], match["time"]
        assert asked.endswith(
            f"or ({selected} unless {selected} offset {time}"
            f" unless on (job, instance) up offset {time} == 0) > 0"
        )


def test_nobody_is_woken_by_answers_that_are_meant_to_take_long(
    blocks: list[Any], settings: Settings
) -> None:
    paths = app.main.create_app(settings).openapi()["paths"]
    left_out = re.search(r'route!~"([^"]+)"', alerts(blocks)["MillwrightSlow"])
    assert left_out

    gets = {path: answers_of(operations["get"]) for path, operations in paths.items() if "get" in operations}
    slow = {path for path, types in gets.items() if types & STREAMED or path.endswith("/analysis")}
    assert {path for path in gets if re.fullmatch(left_out[1], path)} == slow


def alerts(blocks: list[Any]) -> dict[str, str]:
    """What each alert asks, on one line."""
    (rules,) = [group["rules"] for block in blocks for group in block.get("groups", [])]
    return {rule["alert"]: " ".join(rule["expr"].split()) for rule in rules}


def answers_of(operation: dict[str, Any]) -> set[str]:
    return set(operation["responses"]["200"].get("content", {}))


def test_every_ending_of_an_analysis_is_listed() -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| `calculator_analyses_total`")]

    assert {f"`{ending.value}`" for ending in Ending} <= set(re.findall(r"`[\w-]+`", row))


def test_scrapes_both_services_where_they_listen(blocks: list[Any]) -> None:
    (jobs,) = [block["scrape_configs"] for block in blocks if "scrape_configs" in block]

    targets = {(place["names"][0], place["port"]) for job in jobs for place in job["dns_sd_configs"]}
    assert targets == {("api", 8000), ("calculator", 7000)}


class TestLog:
    def test_every_line_that_is_logged_is_explained_and_the_other_way_round(self) -> None:
        assert set(explained_events()) == set(logged_events())

    def test_every_field_that_is_explained_is_logged(self) -> None:
        logged = logged_events()

        for event, fields in explained_events().items():
            assert fields <= logged[event], event


def explained_events() -> dict[str, set[str]]:
    """The fields of every event of the table."""
    section = PAGE.partition("## Log\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| ")][1:]
    return {event: set(quoted(fields)) for fields, of in rows for event in quoted(of)}


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def logged_events() -> dict[str, set[str]]:
    """What the code logs, with its fields; what a geometry child says goes nowhere."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        module = ast.parse(path.read_text())
        calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and logs(node.func)]
        for call in calls:
            keywords = {keyword.arg or "" for keyword in call.keywords}
            traced = keywords & {"exc_info"} or ast.unparse(call.func) == "log.exception"
            for event in texts(call.args[0], module):
                found.setdefault(event, set()).update(keywords | ({"exception"} if traced else set()))
    return {event: fields for event, fields in found.items() if "extra" not in fields}


def logs(function: ast.expr) -> bool:
    return bool(re.fullmatch(r"log\.(info|warning|error|exception)|tell", ast.unparse(function)))


def texts(argument: ast.expr, module: ast.Module) -> list[str]:
    """The text itself, or all of the module's table it is taken from."""
    if isinstance(argument, ast.Subscript):
        table = ast.unparse(argument.value)
        (argument,) = [
            node.value
            for node in module.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == table
        ]
        assert isinstance(argument, ast.Dict)
        return [text for value in argument.values for text in texts(value, module)]
    assert isinstance(argument, ast.Constant), ast.unparse(argument)
    return [str(argument.value)]


def test_connections_are_counted_with_those_of_jobs() -> None:
    pool, for_jobs = DatabaseSection().pool_size, JobsSection().concurrency + BESIDE_RUNS
    words = " ".join(PAGE.split())

    assert f"`MILLWRIGHT_DATABASE__POOL_SIZE` ({pool}) connections" in words
    assert f"`MILLWRIGHT_JOBS__CONCURRENCY` + {BESIDE_RUNS} ({for_jobs}) more" in words
    assert f"makes {pool + for_jobs} connections" in words


def test_says_how_long_keys_and_done_jobs_stay() -> None:
    rows = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| `")}

    assert timedelta(hours=1).total_seconds() == app.main.TIDY_SECONDS
    assert f"within the hour after its {KEPT // timedelta(hours=1)} hours" in rows["`idempotency_keys`"]
    jobs = next(line for names, line in rows.items() if names.startswith("`outbox`"))
    assert f"`MILLWRIGHT_JOBS__KEEP_DAYS` ({JobsSection().keep_days})" in jobs


def test_names_every_command_that_sends_its_reader_here() -> None:
    commands = {
        f"scripts.{path.parent.name}.command"
        for path in (ROOT / "scripts").glob("*/command.py")
        if "docs/operations.md" in path.read_text()
    }
    named = {
        path.name
        for path in (ROOT / "scripts").glob("*.py")
        if any(f'"{command}"' in path.read_text() for command in commands)
    }

    assert len(named) == len(commands) >= 2
    assert all(f"scripts/{name}" in PAGE for name in named)
