"""The files that put the service on a server, proven without a container engine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.calculator.config import CalculatorSettings
from app.contract.settings import CALCULATOR_PREFIX
from app.core.config import Environment, Settings
from app.core.db import Database
from scripts.local.services import pause
from tests.services.launcher import free_port, plain_environment
from tests.support.deployment import DEMANDED, ROOT, compose, dockerfile, environment_of, running, wait_for

OURS = ("api", "calculator")
HEAVY = ("numpy", "scipy", "trimesh", "cadquery", "OCP", "vtkmodules")
PATHS = re.compile(r"^(?:\./|/|\w)")


class TestDockerfile:
    stages = dockerfile()

    @pytest.mark.parametrize("target", [*OURS, "backup"])
    def test_nothing_runs_as_root(self, target: str) -> None:
        user = self.stages[target].last("USER")

        assert user == "millwright"
        assert any(f"--uid 10001 --create-home {user}" in run for run in self.stages[target].all("RUN"))

    @pytest.mark.parametrize("target", OURS)
    def test_every_service_has_a_health_check_that_asks_whether_it_lives(self, target: str) -> None:
        check = self.stages[target].last("HEALTHCHECK")

        assert check
        assert "health/live" in check
        assert "--start-period=" in check

    def test_the_api_installs_its_own_lock_only(self) -> None:
        installed = {
            name: re.findall(r"-r (\S+)", " ".join(stage.all("RUN"))) for name, stage in self.stages.items()
        }

        assert installed["api-packages"] == ["requirements-api.lock"]
        assert installed["calculator-packages"] == ["requirements-run.lock"]
        assert "--from=api-packages /opt/venv /opt/venv" in self.stages["api"].all("COPY")
        assert "--from=calculator-packages /opt/venv /opt/venv" in self.stages["calculator"].all("COPY")

    @pytest.mark.parametrize("target", ["api-packages", "calculator-packages"])
    def test_what_is_installed_is_checked_against_its_hash(self, target: str) -> None:
        (install,) = [run for run in self.stages[target].all("RUN") if " -r " in run]

        assert "--require-hashes" in install

    def test_what_installs_has_a_version_too(self) -> None:
        (install,) = [run for run in self.stages["installer"].all("RUN") if "pip install" in run]

        assert re.search(r" uv==\d+\.\d+\.\d+ ", install)

    def test_the_services_do_not_have_each_others_code(self) -> None:
        assert "rm -r app/calculator" in self.stages["api"].all("RUN")
        copied = {
            value.split()[0] for value in self.stages["calculator"].all("COPY") if "--from" not in value
        }
        assert copied == {"app/__init__.py", "app/contract", "app/calculator"}

    @pytest.mark.parametrize("target", [*OURS, "backup"])
    def test_everything_copied_is_there_and_not_ignored(self, target: str) -> None:
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        for copy in self.stages[target].all("COPY"):
            if copy.startswith("--from"):
                continue
            for source in copy.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source.split('/')[0]}" in ignored, source

    def test_the_backup_image_has_the_client_programs_of_the_server(self) -> None:
        server = compose()["services"]["postgres"]["image"].partition(":")[2]

        assert any(f"postgresql-client-{server} " in run for run in self.stages["backup"].all("RUN"))


class TestCompose:
    services: dict[str, Any] = compose()["services"]

    def test_only_the_proxy_has_ports(self) -> None:
        assert [name for name, service in self.services.items() if "ports" in service] == ["caddy"]

    def test_only_the_proxy_is_outside(self) -> None:
        document = compose()

        assert document["networks"]["inside"]["internal"] is True
        assert [name for name, it in self.services.items() if "public" in it["networks"]] == ["caddy"]

    def test_only_the_worker_reaches_mail_servers(self) -> None:
        outgoing = [name for name, it in self.services.items() if "outgoing" in it["networks"]]

        assert outgoing == ["worker"]

    def test_the_worker_is_the_api_without_its_routes(self) -> None:
        api, worker = self.services["api"], self.services["worker"]

        assert worker["command"] == ["python", "-m", "app.worker"]
        assert all(worker[same] == api[same] for same in ("build", "image", "volumes", "environment"))
        assert api["environment"]["MILLWRIGHT_JOBS__EMBEDDED"] == "false"

    @pytest.mark.parametrize("name", [*OURS, "worker", "backup"])
    def test_ours_can_do_as_little_as_possible(self, name: str) -> None:
        service = self.services[name]

        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service

    @pytest.mark.parametrize("name", [*OURS, "worker"])
    def test_ours_leave_memory_to_the_others(self, name: str) -> None:
        assert re.fullmatch(r"[1-9]g", self.services[name]["mem_limit"])

    @pytest.mark.parametrize("name", [*OURS, "worker", "backup"])
    def test_every_target_is_a_stage(self, name: str) -> None:
        assert self.services[name]["build"]["target"] in dockerfile()

    @pytest.mark.parametrize("missing", DEMANDED)
    def test_does_not_start_without_a_secret(self, missing: str) -> None:
        with pytest.raises(KeyError, match=missing):
            compose({name: value for name, value in DEMANDED.items() if name != missing})

    def test_gives_settings_both_services_accept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = settings_of("api", monkeypatch)

        assert settings.environment is Environment.production
        assert settings.server.trusted_proxies == 1
        assert settings.database.url.get_secret_value().startswith("postgresql+asyncpg://millwright:")
        asked = settings.calculator
        monkeypatch.setenv("MILLWRIGHT_CALCULATOR__SECRET", secret_of(self.services["calculator"]))
        for name, value in dockerfile()["calculator"].environment.items():
            monkeypatch.setenv(name, value)
        answering = CalculatorSettings()
        assert asked.url == f"http://calculator:{answering.port}"
        assert answering.secret == asked.secret

    def test_the_calculator_gets_its_own_settings_and_nobody_elses_secrets(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where it listens is decided by its image and known to the others."""
        settable = {
            f"{CALCULATOR_PREFIX}{name.upper()}"
            for name in CalculatorSettings.model_fields
            if name not in {"host", "port"}
        }
        dotenv = DEMANDED | dict.fromkeys(settable - DEMANDED.keys(), "1")
        given = environment_of("calculator", dotenv)

        assert set(self.services["calculator"]["environment"]) == settable
        assert {name: given[name] for name in settable} == {name: dotenv[name] for name in settable}
        assert not {"POSTGRES_PASSWORD", "MILLWRIGHT_AUTH__SECRET"} & given.keys()
        for name, value in environment_of("calculator").items():
            monkeypatch.setenv(name, value)
        assert CalculatorSettings().children == CalculatorSettings.model_fields["children"].default

    def test_every_setting_of_the_operators_page_reaches_its_service(self) -> None:
        page = (ROOT / "docs" / "operations.md").read_text()
        named = set(re.findall(r"\bMILLWRIGHT_[A-Z]+__[A-Z_]+\b", page))
        settable = named - set(self.services["api"]["environment"])
        dotenv = DEMANDED | dict.fromkeys(settable, "from .env")
        of_calculator = {name for name in named if name in self.services["calculator"]["environment"]}

        assert {"MILLWRIGHT_CALCULATOR__CHILDREN", "MILLWRIGHT_JOBS__CONCURRENCY"} <= settable
        for service, names in (("api", named), ("worker", named), ("calculator", of_calculator)):
            given = environment_of(service, dotenv)
            assert not names - given.keys(), service
            assert all(given[name] == "from .env" for name in settable & names), service

    def test_a_machine_with_more_memory_can_give_it_to_the_calculator(self) -> None:
        larger = compose(DEMANDED | {"MILLWRIGHT_CALCULATOR_MEMORY": "20g"})

        assert larger["services"]["calculator"]["mem_limit"] == "20g"

    def test_images_of_others_have_a_version(self) -> None:
        images = [service["image"] for service in self.services.values() if "build" not in service]

        assert images
        assert all(re.search(r":\d+(\.\d+)*$", image) for image in images)
        assert re.search(r":\d+\.\d+$", self.services["caddy"]["image"])

    def test_names_no_setting_that_does_not_exist(self) -> None:
        described = (ROOT / "docs" / "configuration.md").read_text()
        for name in OURS:
            for variable in self.services[name]["environment"]:
                assert f"`{variable}`" in described, variable

    def test_what_must_survive_is_on_volumes(self) -> None:
        kept = [volume for service in self.services.values() for volume in service.get("volumes", [])]
        paths = {volume.split(":")[0]: volume.split(":")[1] for volume in kept}

        environment = self.services["api"]["environment"]
        assert paths["api-data"] == environment["MILLWRIGHT_DATA_DIR"]
        assert environment["MILLWRIGHT_STORAGE__URL"].startswith(paths["api-data"] + "/")
        assert paths["postgres-data"] == "/var/lib/postgresql"

    def test_the_backup_is_of_what_the_api_uses(self) -> None:
        api, backup = self.services["api"], self.services["backup"]

        shared = ("MILLWRIGHT_DATA_DIR", "MILLWRIGHT_STORAGE__URL", "MILLWRIGHT_DATABASE__URL")
        assert all(backup["environment"][name] == api["environment"][name] for name in shared)
        assert set(api["volumes"]) <= set(backup["volumes"])

    def test_a_service_is_given_the_time_it_takes_to_stop(self) -> None:
        assert self.services["api"]["stop_grace_period"] == "30s"
        assert self.services["worker"]["stop_grace_period"] == "30s"

    @pytest.mark.skipif(
        subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0
        if shutil.which("docker")
        else True,
        reason="there is no docker compose here to read the file itself",
    )
    def test_docker_compose_understands_it(self) -> None:
        done = subprocess.run(
            ["docker", "compose", "config", "--quiet"],
            cwd=ROOT,
            env={**os.environ, **DEMANDED},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr


class TestCaddyfile:
    @pytest.mark.skipif(
        shutil.which("caddy") is None, reason="there is no caddy here to read the file itself"
    )
    @pytest.mark.parametrize("site", ["parts.example.com", "http://localhost", ""])
    def test_caddy_understands_it(self, tmp_path: Path, site: str) -> None:
        places = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        named = {"MILLWRIGHT_SITE": site} if site else {}

        done = subprocess.run(
            ["caddy", "validate", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"],
            env={**plain_environment(), **places, **named},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

        assert done.returncode == 0, done.stderr
        assert "not formatted" not in done.stderr


def test_the_api_starts_where_its_lock_alone_is_installed() -> None:
    """Every package of the calculator is hidden, as in the image."""
    script = (
        "import sys, importlib.abc\n"
        "class Hidden(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name.partition('.')[0] in {HEAVY!r} or name.startswith('app.calculator'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "import app.main, app.core.migrations, scripts.backups.command\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_the_calculator_starts_without_the_code_of_the_api(tmp_path: Path) -> None:
    """With the folders its image copies, and the packages the API alone needs hidden."""
    for source in ("app/__init__.py", "app/contract", "app/calculator"):
        target = tmp_path / source
        target.parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, target)

    done = subprocess.run(
        [sys.executable, "-c", "import app.calculator.main, sys; assert 'app.core' not in sys.modules"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.services
@pytest.mark.xdist_group("services")
class TestCommandsOfTheImages:
    def test_the_api_starts_and_is_healthy(self, live: Database, tmp_path: Path) -> None:
        port = free_port()
        stage = dockerfile()["api"]
        places = {
            "MILLWRIGHT_SERVER__PORT": str(port),
            "MILLWRIGHT_DATA_DIR": str(tmp_path),
            "MILLWRIGHT_STORAGE__URL": str(tmp_path / "files"),
            "MILLWRIGHT_DATABASE__URL": live.engine.url.render_as_string(hide_password=False),
            "MILLWRIGHT_CALCULATOR__URL": "http://127.0.0.1:9",
        }

        with running("api", places):
            wait_for(f"http://127.0.0.1:{port}/health/live")
            health = subprocess.run(stage.health_command(8000, port), check=False, env=plain_environment())
            ready = httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False)

        assert health.returncode == 0
        assert (ready.status_code, ready.json()["checks"]) == (
            503,
            {"database": "ok", "calculator": "failing", "storage": "ok"},
        )
        assert (tmp_path / "first-admin.txt").exists()

    def test_the_worker_starts_works_and_is_healthy(self, live: Database, tmp_path: Path) -> None:
        port = free_port()
        places = {
            "MILLWRIGHT_JOBS__PORT": str(port),
            "MILLWRIGHT_DATA_DIR": str(tmp_path),
            "MILLWRIGHT_STORAGE__URL": str(tmp_path / "files"),
            "MILLWRIGHT_DATABASE__URL": live.engine.url.render_as_string(hide_password=False),
            "MILLWRIGHT_CALCULATOR__URL": "http://127.0.0.1:9",
        }

        with running("worker", places):
            wait_for(f"http://127.0.0.1:{port}/health/live")
            command = dockerfile()["api"].health_command(8000, port)
            health = subprocess.run(command, check=False, env=plain_environment())
            ran = 'jobs_runs_total{ending="done",handler="jobs.prune"} 1.0'
            while ran not in httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text:
                pause()

        assert health.returncode == 0
        assert not (tmp_path / "first-admin.txt").exists()

    def test_the_calculator_starts_and_is_healthy(self) -> None:
        port = free_port()
        stage = dockerfile()["calculator"]
        places = {"MILLWRIGHT_CALCULATOR__PORT": str(port)}

        with running("calculator", places):
            wait_for(f"http://127.0.0.1:{port}/health/live")
            health = subprocess.run(stage.health_command(7000, port), check=False, env=plain_environment())
            stranger = httpx.get(f"http://127.0.0.1:{port}/v1/catalog", trust_env=False)

        assert health.returncode == 0
        assert stranger.status_code == 401

    @pytest.mark.parametrize("target", OURS)
    def test_a_health_check_of_nobody_fails(self, target: str) -> None:
        stage, port = dockerfile()[target], {"api": 8000, "calculator": 7000}[target]

        health = subprocess.run(
            stage.health_command(port, 9), check=False, capture_output=True, env=plain_environment()
        )

        assert health.returncode == 1


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for variable, value in environment_of(name).items():
        monkeypatch.setenv(variable, value)
    return Settings(_env_file=None)


def secret_of(service: dict[str, Any]) -> str:
    return str(service["environment"]["MILLWRIGHT_CALCULATOR__SECRET"])
