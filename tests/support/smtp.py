"""A mail server on a real socket, as strict or as broken as a test wants it."""

import asyncio
import base64
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.core.clock import now

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Received:
    """A message that was taken, and how it came."""

    sender: str
    recipient: str
    message: EmailMessage
    is_encrypted: bool
    login: str | None

    @property
    def text(self) -> str:
        """Its plain words."""
        part = self.message.get_body(("plain",))
        assert isinstance(part, EmailMessage)
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert isinstance(part, EmailMessage)
        return str(part.get_content())


@dataclass
class MailServer:
    """What arrived, and what is answered: ``replies`` by command (``{"RCPT": "550 nobody"}``)."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    knows_utf8: bool = True
    connections: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from hello to good-bye."""
        self.connections += 1
        await _Conversation(self, reader, writer).hold()


class _Conversation:
    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.sender = self.recipient = ""
        self.is_encrypted = writer.get_extra_info("sslcontext") is not None
        self.login: str | None = None

    async def hold(self) -> None:
        try:
            await self._say(self.server.replies.get("CONNECT", "220 here"))
            while line := await self.reader.readline():
                await self._answer(line.decode().strip())
        except (ConnectionError, ssl.SSLError):
            pass  # the client has gone
        finally:
            self.writer.close()

    async def _answer(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        command = command.upper()
        if command in self.server.replies:
            await self._say(self.server.replies[command])
            return
        await getattr(self, f"_{command.lower()}", self._unknown)(rest)

    async def _unknown(self, _: str) -> None:
        await self._say("502 unknown")

    async def _ehlo(self, _: str) -> None:
        offers = ["250-here", "250-AUTH PLAIN LOGIN"]
        if self.server.knows_utf8:
            offers.append("250-SMTPUTF8")
        if self.server.tls is not None and not self.is_encrypted:
            offers.append("250-STARTTLS")
        await self._say("\r\n".join([*offers, "250 8BITMIME"]))

    async def _starttls(self, _: str) -> None:
        assert self.server.tls is not None
        await self._say("220 go on")
        await self.writer.start_tls(self.server.tls)
        self.is_encrypted = True

    async def _auth(self, rest: str) -> None:
        _, _, secret = rest.partition(" ")
        self.login = base64.b64decode(secret).decode().replace("\0", ":").strip(":")
        await self._say("235 welcome")

    async def _mail(self, rest: str) -> None:
        self.sender = rest.partition("<")[2].partition(">")[0]
        await self._say("250 fine")

    async def _rcpt(self, rest: str) -> None:
        self.recipient = rest.partition("<")[2].partition(">")[0]
        await self._say("250 fine")

    async def _data(self, _: str) -> None:
        await self._say("354 go on")
        raw = await self.reader.readuntil(b"\r\n.\r\n")
        message = email.message_from_bytes(
            raw.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."), policy=email.policy.SMTP
        )
        assert isinstance(message, EmailMessage)
        self.server.received.append(
            Received(self.sender, self.recipient, message, self.is_encrypted, self.login)
        )
        await self._say("250 taken")

    async def _quit(self, _: str) -> None:
        await self._say("221 good-bye")
        self.writer.close()

    async def _say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()


@asynccontextmanager
async def mail_server(
    replies: dict[str, str] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    is_tls_from_start: bool = False,
    knows_utf8: bool = True,
) -> AsyncIterator[MailServer]:
    """A mail server on a free port of loopback."""
    server = MailServer(replies=replies or {}, tls=tls, knows_utf8=knows_utf8)
    listener = await asyncio.start_server(server.talk, HOST, 0, ssl=tls if is_tls_from_start else None)
    server.port = int(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()


def server_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A context for a server on loopback, and the certificate that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "server.pem", folder / "server.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context, certificate_file
