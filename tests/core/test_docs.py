import base64
import hashlib
import re

import httpx

from app.core.docs import content_security


async def test_the_page_runs_its_own_scripts_and_no_others(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")

    policy = page.headers["Content-Security-Policy"]
    (inline,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    assert all(source.startswith("/docs/assets/") for source in sources)


def test_a_page_without_scripts_runs_those_of_files_only() -> None:
    assert "script-src 'self' ;" in content_security("<p>nothing</p>")
