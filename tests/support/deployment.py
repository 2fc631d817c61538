"""What the deployment files say, read as the tools read them."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]

from scripts.local.services import pause
from scripts.local.settings import ours
from tests.services.launcher import plain_environment

ROOT = Path(__file__).parents[2]
DEMANDED = {
    "MILLWRIGHT_SITE": "http://localhost",
    "POSTGRES_PASSWORD": "postgres-password-of-the-tests",
    "MILLWRIGHT_AUTH__SECRET": "auth-secret-of-the-tests-" + "x" * 32,
    "MILLWRIGHT_CALCULATOR__SECRET": "calculator-secret-of-the-tests-" + "x" * 32,
}
"""What docker-compose.yml wants from ``.env``."""
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")


def compose(environment: Mapping[str, str] = DEMANDED) -> dict[str, Any]:
    """docker-compose.yml with its variables filled in; a demanded one that is missing is a KeyError."""

    def filled(match: re.Match[str]) -> str:
        if match["name"] in environment or match["kind"] != "-":
            return environment[match["name"]]
        return match["word"]

    text = "\n".join(
        line
        for line in (ROOT / "docker-compose.yml").read_text().splitlines()
        if not line.lstrip().startswith("#")
    )
    document: dict[str, Any] = yaml.safe_load(VARIABLE.sub(filled, text))
    return document


@dataclass
class Stage:
    """One stage of the Dockerfile; what it does not say comes from the one it stands on."""

    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def last(self, instruction: str) -> str | None:
        """The value that holds in the end."""
        found = [value for name, value in self.instructions if name == instruction]
        return found[-1] if found else None

    def all(self, instruction: str) -> list[str]:
        """Every value."""
        return [value for name, value in self.instructions if name == instruction]

    @property
    def command(self) -> list[str]:
        """What runs, by this Python."""
        return of_this_python(json.loads(self.last("CMD") or "[]"))

    def health_command(self, port: int, new_port: int) -> list[str]:
        """The health check, pointed to another port."""
        check = (self.last("HEALTHCHECK") or "").partition("CMD ")[2]
        return of_this_python(json.loads(check.replace(f":{port}/", f":{new_port}/")))


def of_this_python(command: list[str]) -> list[str]:
    assert command[:1] == ["python"], command
    return [sys.executable, *command[1:]]


def dockerfile() -> dict[str, Stage]:
    """The stages by name, each with the instructions of those it stands on."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    stages: dict[str, Stage] = {}
    current = Stage("")
    for line in lines:
        instruction, _, value = line.partition(" ")
        if instruction == "FROM":
            base, _, name = value.partition(" AS ")
            parent = stages.get(base, Stage(base))
            current = Stage(base, list(parent.instructions), dict(parent.environment))
            stages[name] = current
        elif instruction == "ENV":
            current.environment |= dict(pair.split("=", 1) for pair in shlex.split(value))
        else:
            current.instructions.append((instruction, re.sub(r"\s+", " ", value)))
    return stages


def stage_of(name: str) -> Stage | None:
    """What the image of a service is made of; none for images of others."""
    return dockerfile().get(compose()["services"][name].get("build", {}).get("target", ""))


def command_of(name: str) -> list[str]:
    """What a service runs, by this Python."""
    stage, given = stage_of(name), compose()["services"][name].get("command")
    assert stage is not None
    return of_this_python(given) if given else stage.command


def environment_of(name: str, dotenv: Mapping[str, str] = DEMANDED) -> dict[str, str]:
    """What the image and docker-compose.yml give a service, and nothing of the machine's own settings.

    A variable without a value is passed on from ``.env``, and left out where that does not have it.
    """
    service = compose(dotenv)["services"][name]
    whole_file = dotenv if any(file["path"] == ".env" for file in service.get("env_file", [])) else {}
    stage = stage_of(name)
    image = {} if stage is None else ours(stage.environment)
    said = {
        variable: dotenv.get(variable) if value is None else str(value)
        for variable, value in {**whole_file, **service["environment"]}.items()
    }
    given = {variable: value for variable, value in said.items() if value is not None}
    return plain_environment() | image | given


@contextmanager
def running(name: str, changes: Mapping[str, str]) -> Iterator[None]:
    """The command of an image as a process on loopback; it ends with status 0 when asked to."""
    loopback = {"MILLWRIGHT_SERVER__HOST": "127.0.0.1", "MILLWRIGHT_CALCULATOR__HOST": "127.0.0.1"}
    process = subprocess.Popen(
        command_of(name), cwd=ROOT, env={**environment_of(name), **loopback, **changes}
    )
    try:
        yield
    finally:
        process.terminate()
        status = process.wait(60)
    assert status == 0


def wait_for(url: str) -> None:
    """Until somebody answers; the test's own time limit ends it otherwise."""
    while True:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            pause()
        else:
            return
