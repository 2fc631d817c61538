import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.demo import demo_part
from tests.services.launcher import ROOT, Launcher, alive, command, descendants, free_port, run_to_the_end

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]

PASSWORD = "correct horse battery staple"
MILLING = {"service_id": "cnc-milling", "material_id": "alum_D16", "quantity": 10}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    data_dir = tmp_path_factory.mktemp("shop")
    data_dir.chmod(0o755)
    with Launcher(data_dir, "--demo") as launcher:
        yield launcher
        assert launcher.stop(signal.SIGINT) == 0


@contextmanager
def registered(launcher: Launcher, email: str) -> Iterator[httpx.Client]:
    account = {"email": email, "password": PASSWORD, "full_name": "Ada Customer"}
    with launcher.client() as stranger:
        answered(stranger.post("/register", json=account), 201)
    with logged_in(launcher, email) as client:
        yield client


@contextmanager
def logged_in(launcher: Launcher, email: str) -> Iterator[httpx.Client]:
    with launcher.client() as client:
        tokens = answered(client.post("/login", json={"email": email, "password": PASSWORD}), 200)
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        yield client


def answered(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def measured(client: httpx.Client, file_id: str) -> Any:
    """The facts of a part as soon as they are there; each question waits for them for a while."""
    for _ in range(30):
        answer = client.get(f"/files/{file_id}/analysis")
        if answer.status_code != 202:
            break
    return answered(answer, 200)


def analyses(launcher: Launcher) -> int:
    """How many parts the calculator has measured, by its log."""
    log = launcher.data_dir / "logs" / "calculator.log"
    return log.read_text().count('"event": "analysed"')


class TestRunning:
    def test_says_where_to_go(self, running: Launcher) -> None:
        assert f"http://127.0.0.1:{running.port}/docs" in running.output

    def test_keeps_the_first_password_out_of_an_output_that_is_no_terminal(self, running: Launcher) -> None:
        file = running.data_dir / "first-admin.txt"
        password = file.read_text().splitlines()[1].removeprefix("password: ")

        assert str(file) in running.output
        assert password not in running.output

    def test_the_demo_shows_the_price_tree_and_the_order(self, running: Launcher) -> None:
        assert "* Upload a STEP part" in running.output
        assert "  Total " in running.output
        assert "* Place the order: " in running.output

    def test_writes_nothing_others_may_read_even_into_an_open_folder(self, running: Launcher) -> None:
        written = [path for path in running.data_dir.rglob("*") if not path.is_socket()]
        readable = [str(path) for path in written if path.stat().st_mode & 0o077]

        assert running.data_dir / "millwright.db" in written
        assert readable == []

    def test_a_second_start_on_the_same_data_does_nothing_but_say_so(self, running: Launcher) -> None:
        done = run_to_the_end(*command(running.data_dir, free_port(), free_port()))

        assert done.returncode == 1
        assert done.stderr.startswith(f"Millwright already runs on {running.data_dir} (process ")

    def test_a_port_in_use_is_named_before_anything_starts(self, running: Launcher, tmp_path: Path) -> None:
        done = run_to_the_end(*command(tmp_path, running.port, free_port()))

        assert done.returncode == 1
        assert done.stderr == (
            f"Port {running.port} on 127.0.0.1 is already in use; choose another with --port.\n"
        )
        assert "Starting" not in done.stdout


def test_a_step_part_becomes_a_price_and_an_order(running: Launcher) -> None:
    with registered(running, "journey@example.com") as client:
        part = demo_part()
        file = answered(client.post("/files", files={"file": (part.name, part.read_bytes())}), 201)
        facts = measured(client, file["id"])
        assert facts["volume_mm3"] > 0

        analysed = analyses(running)
        choice = {**MILLING, "file_id": file["id"]}
        price = answered(client.post("/calculate-price", json=choice), 200)
        dearer = answered(client.post("/calculate-price", json={**choice, "quantity": 20}), 200)
        assert sum(Decimal(line["amount"]) for line in price["lines"]) == Decimal(price["total_price"])
        assert Decimal(dearer["total_price"]) >= Decimal(price["total_price"])
        assert analyses(running) == analysed

        wanted = {**choice, "name": "Journey", "quote_hash": price["quote_hash"]}
        key = {"Idempotency-Key": "journey-1"}
        first = client.post("/orders", json=wanted, headers=key)
        again = client.post("/orders", json=wanted, headers=key)
        order = answered(first, 201)
        assert (again.status_code, again.content) == (201, first.content)
        assert (again.headers["location"], again.headers["etag"]) == (
            first.headers["location"],
            first.headers["etag"],
        )
        assert order["total_price"] == price["total_price"]

        assert [row["id"] for row in answered(client.get("/orders"), 200)["items"]] == [order["id"]]
        assert answered(client.get(f"/orders/{order['id']}"), 200) == order


def test_two_requests_with_one_key_at_the_same_moment_make_one_order(running: Launcher) -> None:
    wanted = {**MILLING, "dimensions": {"length_mm": 100, "width_mm": 50, "height_mm": 25}}
    answers: list[httpx.Response] = []

    with registered(running, "twins@example.com") as client:

        def place() -> None:
            answers.append(client.post("/orders", json=wanted, headers={"Idempotency-Key": "twin"}))

        twins = [threading.Thread(target=place) for _ in range(4)]
        for twin in twins:
            twin.start()
        for twin in twins:
            twin.join()

        made = {answer.content for answer in answers if answer.status_code == 201}
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len(made) == 1
        assert answered(client.get("/orders"), 200)["total"] == 1


def test_what_was_accepted_survives_a_stop_and_a_start(tmp_path: Path) -> None:
    wanted = {**MILLING, "dimensions": {"length_mm": 100, "width_mm": 50, "height_mm": 25}}
    with Launcher(tmp_path, "--no-demo-files") as first:
        with registered(first, "survivor@example.com") as client:
            order = answered(client.post("/orders", json=wanted), 201)
        family = descendants(first.process.pid)

        assert first.stop() == 0
        assert first.said[-1] == "Stopped."
        assert len(family) >= 2
        assert not alive(family)

    with Launcher(tmp_path, "--no-demo-files", ports=first.ports) as second:
        with logged_in(second, "survivor@example.com") as client:
            assert answered(client.get(f"/orders/{order['id']}"), 200) == order
        assert_death_of_the_calculator_is_reported(second)


def assert_death_of_the_calculator_is_reported(launcher: Launcher) -> None:
    family = descendants(launcher.process.pid)
    calculator = next(pid for pid in family if "app.calculator.main" in command_line(pid))

    os.kill(calculator, signal.SIGKILL)
    launcher.process.wait(60)

    assert launcher.stop() == 1
    assert "The calculator ended with status -9." in launcher.output
    assert not alive(family)


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour of the README is typed with curl")
def test_the_tour_of_the_readme_works_as_printed(running: Launcher, tmp_path: Path) -> None:
    printed = re.search(r"<!-- tour.*?```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert printed
    typed = printed[1].replace(":8000/", f":{running.port}/")
    strict = typed.replace("curl -s ", r"curl -sS --fail-with-body -w '\n' ")

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", strict],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    *_, order, repeated, orders = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert repeated == order
    assert orders["total"] == 1
