"""Requests that upload, as bytes for a connection."""

import socket
from dataclasses import dataclass, field

from scripts.bench_suites.load import HEAD_END, request_bytes
from scripts.bench_suites.measure import BenchFailed

BOUNDARY = "bench-0123456789abcdef"
STATUS = slice(9, 12)
CREATED, NO_CONTENT = 201, 204
TUS = {"Tus-Resumable": "1.0.0"}
ANSWER_BYTES = 65_536


@dataclass(frozen=True)
class Sender:
    """Sends large contents to a server on this machine without copying them."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    def multipart(self, path: str, *pieces: bytes | memoryview) -> None:
        """One file as the field of a form."""
        head, end = multipart_ends()
        length = len(head) + sum(map(len, pieces)) + len(end)
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        self._send(_request("POST", path, {**self.headers, **kind}, length), (head, *pieces, end), CREATED)

    def tus(self, path: str, *pieces: bytes | memoryview) -> None:
        """One file as a resumable upload that never breaks."""
        length = sum(map(len, pieces))
        announced = {**self.headers, **TUS, "Upload-Length": str(length)}
        answer = self._send(_request("POST", path, announced, 0), (), CREATED)
        location = _header(answer, "location")
        kind = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self._send(_request("PATCH", location, {**self.headers, **TUS, **kind}, length), pieces, NO_CONTENT)

    def _send(self, head: bytes, pieces: tuple[bytes | memoryview, ...], expected: int) -> str:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(head)
            for piece in pieces:
                connection.sendall(piece)
            answer = b""
            while HEAD_END not in answer and (more := connection.recv(ANSWER_BYTES)):
                answer += more
        if int(answer[STATUS] or 0) != expected:
            raise BenchFailed(
                f"an upload was answered {answer[:12]!r} … {answer[-400:]!r} instead of {expected}"
            )
        return answer.decode()


def multipart_ends() -> tuple[bytes, bytes]:
    """What stands before and behind the content of the field ``file``."""
    disposition = 'form-data; name="file"; filename="part.stl"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def multipart(path: str, content: bytes, headers: dict[str, str]) -> bytes:
    """The whole request with the content as its field ``file``."""
    head, end = multipart_ends()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return request_bytes("POST", path, body=head + content + end, headers={**headers, **kind})


def _request(method: str, path: str, headers: dict[str, str], length: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _header(answer: str, name: str) -> str:
    lines = answer.partition("\r\n\r\n")[0].splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.lower().startswith(f"{name}:"))
