"""The Caddyfile in front of both services, each started as its image starts it."""

import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.demo import run_demo
from scripts.local.services import pause
from tests.factories.files import STEP, stl
from tests.services.launcher import free_port
from tests.support.deployment import ROOT, environment_of, running, wait_for

pytestmark = [
    pytest.mark.services,
    pytest.mark.xdist_group("services"),
    pytest.mark.skipif(shutil.which("caddy") is None, reason="there is no caddy on this machine"),
]

PASSWORD = "correct horse battery staple"
MEGABYTE = 1_000_000
MAX_FILE, MAX_BODY = MEGABYTE, 2 * MEGABYTE
"""As in production, one of them small enough for a test: the proxy's is the file's and one megabyte."""
BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}
ORDER = {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX}


@dataclass(frozen=True)
class Site:
    """The proxy, what stands behind it, and a connection that never says what it wants."""

    port: int
    api_port: int
    database: Path
    loris: socket.socket

    def head(self, request: str, *headers: str) -> bytes:
        """The first bytes of a request to this site."""
        lines = [f"{request} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers]
        return "".join(f"{line}\r\n" for line in lines).encode()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.address, trust_env=False, timeout=60, headers=headers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data, ports = tmp_path_factory.mktemp("site"), [free_port() for _ in range(3)]
    calculator, api, proxy = ports
    with ExitStack() as stack:
        stack.enter_context(running("calculator", {"MILLWRIGHT_CALCULATOR__PORT": str(calculator)}))
        stack.enter_context(running("api", settings_of_the_api(data, api, calculator)))
        stack.enter_context(caddy(data, proxy, api))
        wait_for(f"http://127.0.0.1:{calculator}/health/live")
        wait_for(f"http://127.0.0.1:{api}/health/live")
        wait_for(f"http://127.0.0.1:{proxy}/")
        loris = stack.enter_context(socket.create_connection(("127.0.0.1", proxy)))
        made = Site(proxy, api, data / "millwright.db", loris)
        loris.sendall(made.head("GET /health/live") + b"X-Slowly: ")
        yield made


def settings_of_the_api(data: Path, port: int, calculator_port: int) -> dict[str, str]:
    """What differs from docker-compose.yml: places, and limits a test reaches soon."""
    return {
        "MILLWRIGHT_SERVER__PORT": str(port),
        "MILLWRIGHT_DATA_DIR": str(data),
        "MILLWRIGHT_DATABASE__URL": f"sqlite+aiosqlite:///{data}/millwright.db",
        "MILLWRIGHT_STORAGE__URL": str(data / "files"),
        "MILLWRIGHT_STORAGE__MAX_FILE_BYTES": str(MAX_FILE),
        "MILLWRIGHT_CALCULATOR__URL": f"http://127.0.0.1:{calculator_port}",
        "MILLWRIGHT_SERVER__CLIENT_PAUSE_SECONDS": "2",
    }


@contextmanager
def caddy(data: Path, port: int, api_port: int) -> Iterator[None]:
    """The project's Caddyfile, told by its variables where things are."""
    environment = environment_of("caddy") | {
        "MILLWRIGHT_SITE": f"http://127.0.0.1:{port}",
        "MILLWRIGHT_API": f"127.0.0.1:{api_port}",
        "MILLWRIGHT_MAX_BODY": f"{MAX_BODY // MEGABYTE}MB",
        "XDG_DATA_HOME": str(data),
        "XDG_CONFIG_HOME": str(data),
    }
    command = ["caddy", "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"]
    process = subprocess.Popen(
        command,
        env=environment,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def customer(site: Site, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of somebody new, signed in through the proxy."""
    name = re.sub(r"\W", "-", request.node.name)
    with site.client() as client:
        sign_in(client, f"{name}@example.com")
        yield client


def sign_in(client: httpx.Client, email: str, **headers: str) -> httpx.Response:
    """Register and log in; the answer to the login."""
    account = {"email": email, "password": PASSWORD, "full_name": "Ada Customer"}
    answered(client.post("/api/v1/register", json=account), 201)
    login = client.post("/api/v1/login", json={"email": email, "password": PASSWORD}, headers=headers)
    client.headers["Authorization"] = f"Bearer {answered(login, 200)['access_token']}"
    return login


def answered(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def problem(response: httpx.Response, status: int) -> str:
    """The code of a problem document."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = answered(response, status)
    assert body["status"] == status
    return str(body["code"])


class TestJourney:
    def test_a_part_becomes_an_order(self, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        run_demo(site.address)

        assert "* Place the order: " in capsys.readouterr().out

    def test_files_come_back_as_they_went(self, customer: httpx.Client) -> None:
        content = stl(triangles=1000)
        file = answered(customer.post("/api/v1/files", files={"file": ("a.stl", content)}), 201)

        back = customer.get(f"/api/v1/files/{file['id']}/download")

        assert back.content == content

    def test_an_order_is_repeated_byte_for_byte(self, customer: httpx.Client) -> None:
        key = {"Idempotency-Key": "through-the-proxy"}
        first = customer.post("/api/v1/orders", json=ORDER, headers=key)
        again = customer.post("/api/v1/orders", json=ORDER, headers=key)

        assert (first.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"]

    def test_the_documentation_is_there(self, site: Site) -> None:
        with site.client() as client:
            assert client.get("/docs").status_code == 200
            assert answered(client.get("/openapi.json"), 200)["info"]["title"] == "Millwright"


class TestCookie:
    def test_the_session_goes_on_for_the_page_of_this_site(self, site: Site) -> None:
        with site.client() as client:
            cookie = cookie_of(sign_in(client, "cookie@example.com"))

            refreshed = client.post("/api/v1/refresh", headers={"Cookie": cookie, "Origin": site.address})

            assert "access_token" in answered(refreshed, 200)
            assert cookie_of(refreshed) != cookie

    def test_and_for_no_other_page(self, site: Site) -> None:
        with site.client() as client:
            cookie = cookie_of(sign_in(client, "foreign@example.com"))

            refused = client.post(
                "/api/v1/refresh", headers={"Cookie": cookie, "Origin": "https://elsewhere.example"}
            )

            assert refused.status_code == 403

    def test_browsers_are_told_to_keep_it_from_scripts_and_open_lines(self, site: Site) -> None:
        with site.client() as client:
            said = sign_in(client, "flags@example.com").headers["set-cookie"].lower()

        assert {"httponly", "secure", "samesite=lax", "path=/api/v1"} <= set(said.split("; "))


def cookie_of(response: httpx.Response) -> str:
    """What a browser would send back over TLS."""
    return response.headers["set-cookie"].partition(";")[0]


class TestInside:
    @pytest.mark.parametrize(
        "path",
        [
            "/metrics",
            "/metrics/",
            "/METRICS",
            "/%6detrics",
            "//metrics",
            "/./metrics",
            "/x/../metrics",
            "/metrics?x=1",
            "/shop/metrics",
            "/metrics%2f",
        ],
    )
    def test_figures_are_refused(self, site: Site, path: str) -> None:
        head, body = raw_request(site, f"GET {path}", "Connection: close")

        assert b" 404 " in head.splitlines()[0]
        assert b"http_requests_total" not in body

    def test_they_are_there_on_the_inside(self, site: Site) -> None:
        assert "http_requests_total" in figures(site)


def figures(site: Site) -> str:
    return httpx.get(f"http://127.0.0.1:{site.api_port}/metrics", trust_env=False).text


class TestCaller:
    def test_is_the_one_who_called_the_proxy_whatever_he_claims(self, site: Site) -> None:
        with site.client() as client:
            sign_in(client, "spoofer@example.com", **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})

        assert address_of(site, "spoofer@example.com") == "127.0.0.1"

    def test_the_api_believes_one_proxy_and_nobody_before_it(self, site: Site) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{site.api_port}", trust_env=False) as client:
            sign_in(client, "hops@example.com", **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})

        assert address_of(site, "hops@example.com") == "198.51.100.7"


def address_of(site: Site, email: str) -> str:
    """Where the session of this account was opened from."""
    statement = "SELECT address FROM sessions JOIN users ON users.id = user_id WHERE email = ?"
    with closing(sqlite3.connect(site.database)) as connection:
        ((address,),) = connection.execute(statement, [email])
    return str(address)


class TestBody:
    def test_too_large_for_the_api_is_told_at_once(self, customer: httpx.Client) -> None:
        content = STEP + b" " * MAX_FILE

        refused = customer.post("/api/v1/files", files={"file": ("large.step", content)})

        assert problem(refused, 413) == "file-too-large"

    def test_too_large_for_the_proxy_is_told_too(self, customer: httpx.Client) -> None:
        refused = customer.post("/api/v1/files", files={"file": ("large.step", b" " * (MAX_BODY + 1))})

        assert problem(refused, 413) in {"file-too-large", "request-too-large"}

    def test_one_without_an_end_is_cut(self, customer: httpx.Client) -> None:
        def endless() -> Iterator[bytes]:
            for _ in range(2 * MAX_BODY // 50_000):
                yield b" " * 50_000

        refused = customer.post("/api/v1/login", content=endless())

        assert problem(refused, 413) == "request-too-large"


class TestSlowClients:
    def test_others_are_answered_while_many_dawdle(self, site: Site) -> None:
        with ExitStack() as stack:
            for _ in range(50):
                slow = stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
                slow.sendall(site.head("POST /api/v1/login", "Content-Length: 500") + b"\r\n{")

            with site.client() as client:
                assert client.get("/health/ready").status_code == 200

    def test_a_body_that_stops_gives_its_place_in_the_api_back(self, site: Site) -> None:
        with socket.create_connection(("127.0.0.1", site.port)) as slow:
            head = site.head("POST /api/v1/register", "Content-Type: application/json", "Content-Length: 500")
            slow.sendall(head + b"\r\n{")

            while 'route="/api/v1/register",status="408"' not in figures(site):
                pause()

    def test_headers_that_never_end_are_cut(self, site: Site) -> None:
        site.loris.settimeout(60)

        rest = b"".join(iter(lambda: site.loris.recv(4096), b""))

        assert b" 200 " not in rest


class TestAnswers:
    def test_carry_what_keeps_browsers_safe(self, site: Site) -> None:
        with site.client() as client:
            headers = client.get("/api/v1/services").headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in headers
        assert "strict-transport-security" not in headers, "not over plain HTTP (RFC 6797, 7.2)"

    def test_keep_the_name_of_the_request(self, site: Site) -> None:
        with site.client(**{"X-Request-ID": "mine-1"}) as client:
            assert client.get("/health/live").headers["x-request-id"] == "mine-1"

    def test_of_the_proxy_itself_are_problems(self, site: Site, tmp_path: Path) -> None:
        port = free_port()
        with caddy(tmp_path, port, api_port=9):
            wait_for(f"http://127.0.0.1:{port}/metrics")

            refused = httpx.get(f"http://127.0.0.1:{port}/api/v1/services", trust_env=False)

        assert problem(refused, 503) == "unavailable"
        assert refused.headers["retry-after"] == "5"
        assert refused.headers["x-content-type-options"] == "nosniff"


def raw_request(site: Site, request: str, *headers: str, body: bytes = b"") -> tuple[bytes, bytes]:
    """Head and body of the answer to exactly this."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as connection:
        connection.sendall(site.head(request, *headers) + b"\r\n" + body)
        answer = b""
        while not is_whole(answer) and (piece := connection.recv(65536)):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return length is not None and len(body) >= int(length[1])
