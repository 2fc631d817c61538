import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from jose import jwt

from app.core.errors import Unauthorized
from app.core.offload import Offload
from app.core.security import (
    AUDIENCE,
    ISSUER,
    PasswordHasher,
    TokenService,
    UnsafeSecret,
    digest,
    new_secret,
    same,
)

SECRET = "a-signing-secret-of-the-tests-0123456789"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def tokens(secret: str = SECRET, **changes: Any) -> TokenService:
    return TokenService(secret, timedelta(minutes=15), **changes)


def issue(service: TokenService, **changes: Any) -> str:
    content: dict[str, Any] = {
        "user_id": uuid4(),
        "session_id": uuid4(),
        "username": "ann",
        "is_admin": False,
        "version": 1,
    } | changes
    return service.issue(**content)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(header: object, claims: object, key: bytes = SECRET.encode()) -> str:
    """A token made without any library: what an attacker would send."""
    body = f"{part(header)}.{part(claims)}"
    signature = hmac.new(key, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.get_unverified_claims(token))


CLAIMS = {"sub", "username", "is_admin", "iat", "exp", "jti", "sid", "ver", "typ", "iss", "aud"}
HS256 = {"alg": "HS256", "typ": "JWT"}


class TestPasswordHasher:
    @pytest.fixture
    async def hasher(self) -> AsyncIterator[PasswordHasher]:
        pool = Offload("passwords")
        yield PasswordHasher(pool, rounds=4)
        await pool.close()

    async def test_knows_its_own_hash_and_no_other(self, hasher: PasswordHasher) -> None:
        hashed = await hasher.hash("correct horse")

        assert hashed.startswith("$bcrypt-sha256$")
        assert await hasher.verify("correct horse", hashed)
        assert not await hasher.verify("correct horsf", hashed)

    @pytest.mark.parametrize("letter", ["a", "ж"])
    async def test_tells_long_passwords_apart_at_their_last_letter(
        self, hasher: PasswordHasher, letter: str
    ) -> None:
        hashed = await hasher.hash(letter * 255 + "x")

        assert await hasher.verify(letter * 255 + "x", hashed)
        assert not await hasher.verify(letter * 255 + "y", hashed)

    async def test_the_hash_of_nobody_is_checked_in_full_and_fits_no_password(
        self, hasher: PasswordHasher
    ) -> None:
        assert not await hasher.verify("anything", hasher._nobody)
        assert not hasher.needs_update(hasher._nobody)
        await hasher.dummy_verify("anything")

    async def test_wants_a_new_hash_when_the_cost_has_changed(self, hasher: PasswordHasher) -> None:
        pool = Offload("other")
        cheaper = await hasher.hash("password")

        assert not hasher.needs_update(cheaper)
        assert PasswordHasher(pool, rounds=5).needs_update(cheaper)
        await pool.close()


class TestIssue:
    def test_says_who_where_and_until_when(self) -> None:
        service, user_id, session_id = tokens(), uuid4(), uuid4()

        with time_machine.travel(START, tick=False):
            token = issue(service, user_id=user_id, session_id=session_id, is_admin=True, version=7)
            content = service.decode(token)

        assert (content.user_id, content.session_id) == (user_id, session_id)
        assert (content.username, content.is_admin, content.version) == ("ann", True, 7)
        assert content.issued_at == START
        assert content.expires_at == START + timedelta(minutes=15)
        assert set(claims_of(token)) == CLAIMS

    def test_every_token_has_its_own_id(self) -> None:
        service = tokens()

        assert claims_of(issue(service))["jti"] != claims_of(issue(service))["jti"]

    def test_a_user_without_a_username_has_a_token_too(self) -> None:
        service = tokens()

        assert service.decode(issue(service, username=None)).username is None


class TestDecode:
    def test_expires_on_the_second_even_when_remembered(self) -> None:
        service = tokens()
        with time_machine.travel(START, tick=False) as clock:
            token = issue(service)
            clock.move_to(START + timedelta(minutes=14, seconds=59))
            service.decode(token)

            clock.move_to(START + timedelta(minutes=15))
            with pytest.raises(Unauthorized) as refused:
                service.decode(token)

        assert refused.value.headers["WWW-Authenticate"] == "Bearer"

    def test_an_expired_token_never_seen_before_is_refused(self) -> None:
        service = tokens()
        with time_machine.travel(START, tick=False) as clock:
            token = issue(service)
            clock.move_to(START + timedelta(minutes=15, seconds=1))

            with pytest.raises(Unauthorized):
                service.decode(token)

    def test_remembers_no_more_than_it_was_told(self) -> None:
        service = tokens(remembered=3)

        for _ in range(10):
            service.decode(issue(service))

        assert len(service._verified) == 3

    @pytest.mark.parametrize(
        "header",
        [
            {"alg": "none"},
            {"alg": "None", "typ": "JWT"},
            {"alg": "HS512"},
            {"alg": "RS256"},
            {"alg": ["HS256"]},
            {"alg": None},
            {},
            [],
            "HS256",
        ],
        ids=str,
    )
    def test_takes_no_other_algorithm(self, header: object) -> None:
        service = tokens()

        with pytest.raises(Unauthorized):
            service.decode(signed(header, claims_of(issue(service))))

    def test_takes_no_unsigned_token(self) -> None:
        service = tokens()
        _, body, _ = issue(service).split(".")

        for forged in (f"{part({'alg': 'none'})}.{body}.", f"{part({'alg': 'none'})}.{body}.AA"):
            with pytest.raises(Unauthorized):
                service.decode(forged)

    def test_takes_no_token_of_another_key(self) -> None:
        token = issue(tokens("another-signing-secret-0123456789abcdef"))

        with pytest.raises(Unauthorized):
            tokens().decode(token)

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "somebody-else"},
            {"aud": None},
            {"iss": "somebody-else"},
            {"iss": None},
            {"typ": "refresh"},
            {"typ": None},
            {"exp": None},
            {"exp": "tomorrow"},
            {"exp": 10**20},
            {"iat": None},
            {"nbf": 10**11},
            {"sub": "1"},
            {"sub": 1},
            {"sub": None},
            {"sid": None},
            {"sid": []},
            {"jti": None},
            {"ver": None},
            {"ver": "1"},
            {"is_admin": "yes"},
            {"is_admin": None},
        ],
        ids=str,
    )
    def test_takes_no_token_with_other_claims(self, changes: dict[str, Any]) -> None:
        service = tokens()
        claims = claims_of(issue(service)) | changes
        claims = {name: value for name, value in claims.items() if value is not None}

        with pytest.raises(Unauthorized):
            service.decode(signed(HS256, claims))

    def test_takes_the_same_token_made_by_hand(self) -> None:
        service = tokens()
        claims = claims_of(issue(service))

        assert str(service.decode(signed(HS256, claims)).user_id) == claims["sub"]
        assert claims["aud"] == AUDIENCE
        assert claims["iss"] == ISSUER

    @pytest.mark.parametrize(
        "text",
        [
            "",
            ".",
            "..",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            "ж.ж.ж",
            "a b.c.d",
            "A" * 5000,
            "A" * 2000 + "." + "A" * 2000 + "." + "A" * 2000,
            f"{part(HS256)}.{part([])}.AAAA",
            f"{'W1tb' * 300}.{'W1tb' * 300}.AAAA",
        ],
    )
    def test_rubbish_is_refused_like_anything_else(self, text: str) -> None:
        with pytest.raises(Unauthorized):
            tokens().decode(text)

    def test_a_token_with_something_behind_it_is_refused(self) -> None:
        service = tokens()

        with pytest.raises(Unauthorized):
            service.decode(issue(service) + ".e30")


class TestSigningSecret:
    @pytest.mark.parametrize(
        "secret",
        [
            "",
            "short",
            "x" * 31,
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q",
            base64.b64encode(bytes.fromhex("302a300506032b6570032100") + bytes(range(32))).decode(),
            base64.b64encode(b"\x30\x82\x01\x00" + bytes(256)).decode(),
            "0" + chr(40) + "k" * 40,
        ],
    )
    def test_refuses_what_is_short_or_a_key_of_another_kind(self, secret: str) -> None:
        with pytest.raises(UnsafeSecret):
            tokens(secret)

    @pytest.mark.parametrize(
        "secret", ["x" * 32, "ж" * 16, "0123456789" * 4, "Zm9v-_" * 8, '"' + "q" * 40 + '"']
    )
    def test_takes_any_other_text_as_it_is(self, secret: str) -> None:
        service = tokens(secret)
        token = issue(service)

        by_hand = signed(HS256, claims_of(token), secret.encode())

        assert service.decode(token) == service.decode(by_hand)


class TestOpaqueSecrets:
    def test_are_long_and_never_the_same(self) -> None:
        made = {new_secret() for _ in range(50)}

        assert len(made) == 50
        assert all(len(base64.urlsafe_b64decode(secret + "=")) == 32 for secret in made)

    def test_are_stored_as_their_sha256(self) -> None:
        assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    def test_equal_digests_are_equal_and_none_is_no_digest(self) -> None:
        assert same(digest("abc"), digest("abc"))
        assert not same(digest("abc"), digest("abd"))
        assert not same(digest("abc"), None)

    def test_a_successor_is_always_the_same_and_needs_the_key(self) -> None:
        successor = tokens().successor("secret")

        assert tokens().successor("secret") == successor
        assert tokens().successor("secreu") != successor
        assert tokens("another-signing-secret-0123456789abcdef").successor("secret") != successor
        assert len(base64.urlsafe_b64decode(successor + "=")) == 32
