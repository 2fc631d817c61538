import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.auth.schemas import EmailConfirmation, PasswordReset
from app.core.config import AuthSection, Environment, ServerSection, Settings
from app.core.resources import Resources
from app.core.schemas import Schema
from app.main import create_app
from tests.auth.calls import CONFIRM, RESET, Client
from tests.support.app import SECRET, client_of

PAGES = [("/confirm-email", CONFIRM, EmailConfirmation), ("/reset-password", RESET, PasswordReset)]
LANGUAGES = ["en", "ru"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "target", "body"), PAGES)
async def test_a_page_posts_what_its_route_takes(
    client: Client, path: str, target: str, body: type[Schema], language: str
) -> None:
    page = await client.get(path, headers={"Accept-Language": language})

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'<html lang="{language}">' in page.text
    assert f'data-target="{target}"' in page.text
    assert set(re.findall(r'<input name="(\w+)"', page.text)) == body.model_fields.keys()
    said = set(re.findall(r'<template id="(\w+)">', page.text))
    assert said == {"done", "invalid", "unfit", "later", "failed"}
    assert "Accept-Language" in page.headers["Vary"]


@pytest.mark.parametrize("path", [path for path, _, _ in PAGES])
async def test_a_page_runs_its_own_script_and_is_kept_by_nobody(client: Client, path: str) -> None:
    page = await client.get(path)

    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert re.findall(r"(?:src|href|onclick)=", page.text) == []
    assert "innerHTML" not in script


async def test_new_passwords_may_be_pasted_and_kept_by_managers(client: Client) -> None:
    page = await client.get("/reset-password")

    (field,) = re.findall(r'<input name="password"[^>]*>', page.text)
    assert 'type="password"' in field
    assert 'autocomplete="new-password"' in field
    assert "onpaste" not in page.text


async def test_pages_lie_under_the_base_path(resources: Resources, tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        environment=Environment.development,
        data_dir=tmp_path,
        auth=AuthSection(secret=SecretStr(SECRET)),
        server=ServerSection(base_path="/shop", docs=False),
    )
    async with client_of(create_app(settings), resources) as client:
        page = await client.get("/shop/reset-password")

        assert 'data-target="/shop/api/v1/password/reset"' in page.text
        assert (await client.get("/reset-password")).status_code == httpx.codes.NOT_FOUND
