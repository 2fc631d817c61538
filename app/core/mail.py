"""Letters: written from templates, and the ways they leave."""

import html
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from string import Template

import aiosmtplib
import structlog
from typing_extensions import override

from app.core.addresses import wire_address
from app.core.clock import now
from app.core.config import MailSection, MailSecurity
from app.core.errors import Unavailable
from app.core.locale import Language

log = structlog.get_logger("app.mail")

ADDRESS_ON_THE_WEB = re.compile(r"https?://\S+")
PERMANENT = range(500, 600)
"""Replies after which the same letter need not be tried again (RFC 5321, 4.2.1)."""


class MailNotConfigured(Unavailable):
    """No letters are sent from here; ask those who run this service."""

    code, title = "mail-not-configured", "No letters are sent"
    retry_after_seconds = 3600


class NotDelivered(Exception):
    """The letter did not leave; ``is_final`` when it never will."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


@dataclass(frozen=True)
class Letter:
    """One letter to one person; ``id`` stays the same when it is sent again, so that mailboxes notice."""

    id: str
    recipient: str
    subject: str
    text: str


def written(
    folder: Path, name: str, language: Language, values: Mapping[str, str], *, letter_id: str, recipient: str
) -> Letter:
    """The letter of a template ``<name>.<language>.txt``: its first line is the subject, the rest the text.

    Raises:
        KeyError: the template wants a value that is not given.
    """
    template = Template((folder / f"{name}.{language}.txt").read_text(encoding="utf-8"))
    subject, _, text = template.substitute(values).partition("\n")
    return Letter(letter_id, recipient, subject.strip(), text.strip() + "\n")


class Mailer:
    """The way letters leave; this one has none, for an installation without a mail server."""

    can_send = False

    async def send(self, letter: Letter) -> None:
        """Hand the letter over.

        Raises:
            NotDelivered: it was not taken.
        """
        raise NotDelivered(f"no mail server is configured: {letter.subject}", is_final=True)


class ConsoleMailer(Mailer):
    """Prints letters, for developers: the link is there to be clicked."""

    can_send = True

    @override
    async def send(self, letter: Letter) -> None:
        print(f"\n--- letter to {letter.recipient}: {letter.subject}\n{letter.text}---", flush=True)  # noqa: T201 - what it is for


class SmtpMailer(Mailer):
    """Gives letters to a mail server, over an encrypted connection unless the settings say otherwise."""

    can_send = True

    def __init__(self, settings: MailSection) -> None:
        self._settings = settings
        self._tls = ssl.create_default_context()
        if settings.ca_file is not None:
            self._tls.load_verify_locations(settings.ca_file)

    @override
    async def send(self, letter: Letter) -> None:
        settings = self._settings
        try:
            await aiosmtplib.send(
                message_of(letter, settings.sender),
                hostname=settings.host,
                port=settings.port,
                username=settings.username or None,
                password=settings.password.get_secret_value() or None,
                use_tls=settings.security is MailSecurity.tls,
                start_tls=settings.security is MailSecurity.starttls,
                tls_context=None if settings.security is MailSecurity.none else self._tls,
                timeout=settings.seconds,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotDelivered(_reason(error), is_final=_is_final(error)) from error
        log.info("letter sent", letter=letter.id, subject=letter.subject)


def mailer_of(settings: MailSection, *, is_development: bool) -> Mailer:
    """The way of this installation."""
    if settings.host:
        return SmtpMailer(settings)
    return ConsoleMailer() if is_development else Mailer()


def message_of(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it travels: plain text, and the same as HTML."""
    message = EmailMessage()
    message["From"], message["To"] = sender, wire_address(letter.recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{letter.id}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(_as_html(letter), subtype="html")
    return message


def _as_html(letter: Letter) -> str:
    paragraphs = (f"<p>{_linked(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", letter.text.strip()))
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f"<title>{html.escape(letter.subject)}</title></head>"
        f'<body style="font-family: sans-serif">{"".join(paragraphs)}</body></html>'
    )


def _linked(paragraph: str) -> str:
    escaped = html.escape(paragraph)
    linked = ADDRESS_ON_THE_WEB.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escaped)
    return linked.replace("\n", "<br>")


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _is_final(error: Exception) -> bool:
    """Whether the server has understood and said no, or the letter cannot be sent by anybody."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_final(refused) for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return False  # a mistake in the settings, which somebody will correct
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code in PERMANENT
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return True  # a mailbox that is not written in ASCII, at a server that knows no others
    return not isinstance(error, OSError | aiosmtplib.SMTPException)
