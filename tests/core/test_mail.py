import asyncio
import dataclasses
from pathlib import Path

import pytest

from app.core.config import MailSection, MailSecurity
from app.core.mail import ConsoleMailer, Letter, Mailer, NotDelivered, SmtpMailer, mailer_of, written
from tests.support.smtp import HOST, mail_server, server_certificate

LETTER = Letter(
    id="42",
    recipient="anna@example.com",
    subject="Подтвердите адрес",
    text="Здравствуйте, <Анна>!\n\nhttps://shop.example/confirm?a=1&b=2#token=x_y\n.\nконец\n",
)


def section(port: int, security: MailSecurity = MailSecurity.none, **changes: object) -> MailSection:
    return MailSection.model_validate(
        {
            "host": HOST,
            "port": port,
            "security": security,
            "sender": "Shop <shop@shop.example>",
            "seconds": 5,
            **changes,
        }
    )


class TestSmtpMailer:
    async def test_the_letter_arrives_as_text_and_as_html(self) -> None:
        async with mail_server() as server:
            await SmtpMailer(section(server.port)).send(LETTER)

        (received,) = server.received
        assert (received.sender, received.recipient) == ("shop@shop.example", "anna@example.com")
        message = received.message
        assert (message["From"], message["Subject"]) == ("Shop <shop@shop.example>", LETTER.subject)
        assert message["Message-ID"] == "<42@shop.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert received.text.replace("\r\n", "\n") == LETTER.text
        assert "Здравствуйте, &lt;Анна&gt;!" in received.html
        link = "https://shop.example/confirm?a=1&amp;b=2#token=x_y"
        assert f'<a href="{link}">{link}</a><br>' in received.html

    async def test_a_domain_in_any_alphabet_is_reached_through_any_server(self) -> None:
        letter = dataclasses.replace(LETTER, recipient="ivan@почта.рф")
        async with mail_server(knows_utf8=False) as server:
            await SmtpMailer(section(server.port)).send(letter)

        (received,) = server.received
        assert received.recipient == "ivan@xn--80a1acny.xn--p1ai"
        assert received.message["To"] == "ivan@xn--80a1acny.xn--p1ai"

    async def test_a_mailbox_in_another_alphabet_needs_a_server_that_knows_it(self) -> None:
        letter = dataclasses.replace(LETTER, recipient="иван@почта.рф")
        async with mail_server() as server:
            await SmtpMailer(section(server.port)).send(letter)
        async with mail_server(knows_utf8=False) as other:
            with pytest.raises(NotDelivered) as failure:
                await SmtpMailer(section(other.port)).send(letter)

        assert [received.recipient for received in server.received] == ["иван@xn--80a1acny.xn--p1ai"]
        assert other.received == []
        assert failure.value.is_final

    @pytest.mark.parametrize("security", [MailSecurity.starttls, MailSecurity.tls])
    async def test_name_and_password_go_over_an_encrypted_connection(
        self, tmp_path: Path, security: MailSecurity
    ) -> None:
        context, certificate = server_certificate(tmp_path)
        from_start = security is MailSecurity.tls
        async with mail_server(tls=context, is_tls_from_start=from_start) as server:
            settings = section(server.port, security, ca_file=certificate, username="shop", password="s3cret")
            await SmtpMailer(settings).send(LETTER)

        (received,) = server.received
        assert (received.is_encrypted, received.login) == (True, "shop:s3cret")

    async def test_a_server_nobody_vouches_for_gets_nothing(self, tmp_path: Path) -> None:
        context, _ = server_certificate(tmp_path)
        async with mail_server(tls=context) as server:
            with pytest.raises(NotDelivered) as failure:
                await SmtpMailer(section(server.port, MailSecurity.starttls)).send(LETTER)

        assert server.received == []
        assert not failure.value.is_final

    async def test_a_server_that_does_not_encrypt_gets_nothing(self) -> None:
        async with mail_server() as server:
            with pytest.raises(NotDelivered):
                await SmtpMailer(section(server.port, MailSecurity.starttls)).send(LETTER)

        assert server.received == []

    @pytest.mark.parametrize(
        ("command", "reply", "is_final"),
        [
            ("RCPT", "550 no such user", True),
            ("RCPT", "451 try again later", False),
            ("MAIL", "553 not you", True),
            ("DATA", "554 spam", True),
            ("DATA", "452 disk full", False),
            ("CONNECT", "421 not now", False),
        ],
    )
    async def test_tells_a_final_no_from_one_for_now(
        self, command: str, reply: str, *, is_final: bool
    ) -> None:
        async with mail_server({command: reply}) as server:
            with pytest.raises(NotDelivered) as failure:
                await SmtpMailer(section(server.port)).send(LETTER)

        assert failure.value.is_final is is_final

    async def test_a_wrong_password_is_ours_to_correct(self) -> None:
        async with mail_server({"AUTH": "535 wrong"}) as server:
            with pytest.raises(NotDelivered) as failure:
                await SmtpMailer(section(server.port, username="shop", password="x")).send(LETTER)

        assert not failure.value.is_final

    async def test_nobody_there_is_no_final_answer(self) -> None:
        async with mail_server() as server:
            port = server.port

        with pytest.raises(NotDelivered) as failure:
            await SmtpMailer(section(port)).send(LETTER)

        assert not failure.value.is_final

    async def test_a_silent_server_is_left_after_a_while(self) -> None:
        closed = asyncio.Event()

        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await closed.wait()
            writer.close()

        listener = await asyncio.start_server(silent, HOST, 0)
        port = int(listener.sockets[0].getsockname()[1])
        with pytest.raises(NotDelivered) as failure:
            await SmtpMailer(section(port, seconds=0.05)).send(LETTER)
        closed.set()
        listener.close()
        await listener.wait_closed()

        assert not failure.value.is_final


class TestTheWayOfAnInstallation:
    async def test_without_a_server_a_developer_reads_letters_in_the_console(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mailer = mailer_of(MailSection(), is_development=True)
        await mailer.send(LETTER)

        assert isinstance(mailer, ConsoleMailer)
        assert "https://shop.example/confirm?a=1&b=2#token=x_y" in capsys.readouterr().out

    async def test_without_a_server_nothing_is_sent_in_production(self) -> None:
        mailer = mailer_of(MailSection(), is_development=False)

        assert (type(mailer), mailer.can_send) == (Mailer, False)
        with pytest.raises(NotDelivered):
            await mailer.send(LETTER)

    def test_a_server_is_used_wherever_there_is_one(self) -> None:
        assert isinstance(mailer_of(section(25), is_development=True), SmtpMailer)


class TestTemplates:
    def test_the_first_line_is_the_subject(self, tmp_path: Path) -> None:
        (tmp_path / "hello.en.txt").write_text("Hello $name\nOne\n\nTwo $name\n")

        letter = written(tmp_path, "hello", "en", {"name": "Anna"}, letter_id="1", recipient="a@example.com")

        assert letter == Letter("1", "a@example.com", "Hello Anna", "One\n\nTwo Anna\n")

    def test_a_value_that_is_missing_is_a_mistake(self, tmp_path: Path) -> None:
        (tmp_path / "hello.en.txt").write_text("Hello\n$link\n")

        with pytest.raises(KeyError):
            written(tmp_path, "hello", "en", {}, letter_id="1", recipient="a@example.com")
