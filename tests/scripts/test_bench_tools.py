import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.bench_suites import processes
from scripts.bench_suites.floor_stl import sums
from scripts.bench_suites.load import content_length, fire, request_bytes
from scripts.bench_suites.measure import BenchFailed
from scripts.bench_suites.parts import INNER_MM, OUTER_MM, RING_MM, tube_stl
from scripts.bench_suites.servers import site
from scripts.bench_suites.uploads import multipart


class Handler(BaseHTTPRequestHandler):
    """Answers what it was sent; 404 for another path than ``/echo``."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/echo" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def echoing() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class TestLoad:
    def test_sends_so_many_requests_over_several_connections(self) -> None:
        with echoing() as port:
            outcome = fire(port, request_bytes("POST", "/echo", body={"a": 1}), requests=20, connections=3)

        assert (outcome.requests, dict(outcome.statuses)) == (20, {200: 20})
        assert outcome.body.endswith(b'\r\n\r\n{"a": 1}')
        assert outcome.seconds > 0

    def test_another_status_is_a_failure(self) -> None:
        with echoing() as port, pytest.raises(BenchFailed, match=r"\{404: 1\} instead of 200"):
            fire(port, request_bytes("POST", "/other", body=b"x"), requests=1)

    def test_an_answer_without_length_is_a_failure(self) -> None:
        with pytest.raises(BenchFailed, match="without Content-Length"):
            content_length(b"HTTP/1.1 200 OK\r\nServer: x")

    def test_a_multipart_request_announces_its_whole_body(self) -> None:
        head, _, body = multipart("/upload", b"content", {"X-A": "b"}).partition(b"\r\n\r\n")

        assert content_length(head) == len(body)
        assert b"X-A: b" in head


class TestProcesses:
    def test_this_process_has_used_time_and_memory(self) -> None:
        own = processes.own_pid()
        memory = processes.memory_of(own)

        assert own in processes.tree(own)
        assert processes.cpu_seconds(own) > 0
        assert 0 < memory.proportional_bytes <= memory.resident_bytes

    def test_growth_after_a_reset_is_seen(self) -> None:
        own = processes.own_pid()
        before = processes.reset_peak(own)

        grown = bytearray(b"x" * 40_000_000)

        assert processes.peak_bytes(own) - before > 20_000_000
        assert len(grown) == 40_000_000

    def test_nothing_is_known_of_a_process_that_is_gone(self) -> None:
        assert processes.cpu_seconds(2**22 + 1) == 0


class TestFloorOfStl:
    def test_tells_the_volume_of_a_tube_and_that_it_is_closed(self, tmp_path: Path) -> None:
        found = sums(tube_stl(tmp_path / "tube.stl", 20_000))

        exact = 2 * math.pi**2 * RING_MM * (OUTER_MM**2 - INNER_MM**2)
        assert found.volume_mm3 == pytest.approx(exact, rel=1e-2)
        assert found.is_closed
        assert found.high[2] == pytest.approx(OUTER_MM, rel=1e-2)

    def test_a_missing_facet_shows(self, tmp_path: Path) -> None:
        path = tube_stl(tmp_path / "tube.stl", 500)
        path.write_bytes(path.read_bytes()[:-50])

        assert not sums(path).is_closed

    def test_a_tube_has_at_least_the_triangles_asked_for(self, tmp_path: Path) -> None:
        content = tube_stl(tmp_path / "tube.stl", 1_000).read_bytes()

        count = int.from_bytes(content[80:84], "little")
        assert count >= 1_000
        assert len(content) == 84 + 50 * count


def test_servers_are_started_with_settings_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLWRIGHT_SERVER__DOCS", "false")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    environment = site(tmp_path, calculator__children="1").environment

    assert "MILLWRIGHT_SERVER__DOCS" not in environment
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["MILLWRIGHT_CALCULATOR__CHILDREN"] == "1"
    assert environment["MILLWRIGHT_DATABASE__URL"] == f"sqlite+aiosqlite:///{tmp_path / 'bench.db'}"
