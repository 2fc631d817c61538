"""Set everything up and run both services: ``python3 scripts/run.py``.

Needs Python 3.11 and nothing else; what is missing is installed into ``.venv`` the first time.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.demo import DemoFailed, run_demo  # noqa: E402 - the line above makes these importable
from scripts.local import services as local  # noqa: E402
from scripts.local.machine import SetupError, say  # noqa: E402
from scripts.local.settings import LocalSettings, Options, resolve  # noqa: E402
from scripts.local.venv import set_up  # noqa: E402

HEALTHY_WITHIN_SECONDS = 180.0
SECRET_HEADER = "X-Calculator-Secret"  # noqa: S105 - the name of the header
FIRST_ADMIN = "first-admin.txt"
OWNER_ONLY = 0o077
"""Data and logs are nobody else's business, wherever the folder was made."""


class Interrupted(BaseException):
    """SIGINT or SIGTERM; not an ``Exception``, so that nothing mistakes it for a failure."""


def main() -> int:
    """Set up, start, stay until told to stop; 0 after an orderly stop, 1 when something failed."""
    arguments = parse_arguments()
    try:
        with stopped_by_signals():
            python = set_up()
            os.umask(OWNER_ONLY)
            settings = resolve(options_of(arguments), os.environ)
            with local.only_one(settings.data_dir):
                run_services(settings, python, arguments)
    except Interrupted:
        say("Stopped.")
    except (SetupError, local.ServiceFailed, DemoFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def run_services(settings: LocalSettings, python: Path, arguments: argparse.Namespace) -> None:
    """Start what is to be started, tell when it is ready, watch it, and stop it whatever happens."""
    local.ensure_port_is_free(settings.host, settings.port, "--port")
    if settings.starts_calculator:
        local.ensure_port_is_free(settings.calculator_host, settings.calculator_port, "--calculator-port")
    running = services_of(settings)
    is_first_start = not (settings.data_dir / FIRST_ADMIN).exists()
    say(f"Starting {' and '.join(service.name for service in running)} (data in {settings.data_dir})")
    try:
        for service in running:
            service.start(python, settings.environment)
        local.wait_until_healthy(running, HEALTHY_WITHIN_SECONDS)
        show_where_to_go(settings, is_first_start=is_first_start)
        if arguments.demo:
            run_demo(settings.api_url)
        if not arguments.exit:
            say("Press Ctrl-C to stop.")
            local.watch(running)
    finally:
        stop(running)


def services_of(settings: LocalSettings) -> list[local.Service]:
    """The calculator, unless the settings name another one, and the API."""
    logs = settings.data_dir / "logs"
    api = local.Service("API", "app.main", logs / "api.log", f"{settings.api_url}/health/ready")
    if not settings.starts_calculator:
        return [api]
    calculator = local.Service(
        "calculator",
        "app.calculator.main",
        logs / "calculator.log",
        f"{settings.calculator_url}/health/ready",
        {SECRET_HEADER: settings.environment["MILLWRIGHT_CALCULATOR__SECRET"]},
    )
    return [calculator, api]


def stop(running: list[local.Service]) -> None:
    """The API first, since it calls the calculator; a second signal ends both at once."""
    try:
        for service in reversed(running):
            service.stop()
    except Interrupted:
        for service in running:
            service.kill()
        raise


def show_where_to_go(settings: LocalSettings, *, is_first_start: bool) -> None:
    """Addresses and how to sign in; a password made just now is shown to a person at a terminal only."""
    say("Millwright is running.")
    say(f"  API            {settings.api_url}/api/v1")
    say(f"  Documentation  {settings.api_url}/docs")
    say(f"  Logs           {settings.data_dir / 'logs'}")
    admin = settings.data_dir / FIRST_ADMIN
    if not admin.exists():
        return
    say(f"  Administrator  first password in {admin}, to be changed at the first login")
    if is_first_start and sys.stdout.isatty():
        for line in admin.read_text(encoding="utf-8").splitlines()[:2]:
            say(f"                 {line}")


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and, unless started with ``nohup``, a closed terminal end whatever is going on."""

    def stop_now(number: int, _frame: object) -> None:
        raise Interrupted(number)

    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop_now) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Set everything up and run Millwright: the calculator and the API.",
        epilog="Settings come from the environment and .env, see docs/configuration.md.",
    )
    parser.add_argument("--host", help="where the API listens (127.0.0.1)")
    parser.add_argument("--port", type=port, help="port of the API (8000)")
    parser.add_argument("--calculator-port", type=port, help="port of the calculator (7000)")
    parser.add_argument("--data-dir", type=Path, help="database, files and secrets (data in the project)")
    parser.add_argument("--demo", action="store_true", help="upload, price and order a part once, visibly")
    parser.add_argument("--exit", action="store_true", help="stop when ready (after the demo)")
    parser.add_argument("--no-demo-files", action="store_true", help="without the demo parts")
    return parser.parse_args()


def port(text: str) -> int:
    """A number between 1 and 65535."""
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 65535:  # noqa: PLR2004 - the range of ports
        raise argparse.ArgumentTypeError(f"{text!r} is no port (1 to 65535)")
    return number


def options_of(arguments: argparse.Namespace) -> Options:
    """What the user said about the settings."""
    return Options(
        host=arguments.host,
        port=arguments.port,
        calculator_port=arguments.calculator_port,
        data_dir=arguments.data_dir,
        demo_files=not arguments.no_demo_files,
    )


if __name__ == "__main__":
    sys.exit(main())
