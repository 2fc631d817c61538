"""The interactive API page, from files of our own: it works without the Internet."""

import base64
import hashlib
import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).parent / "docs_assets"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install_docs(app: FastAPI, base_path: str) -> None:
    """Serve ``/docs`` and its assets under the base path."""
    app.mount(f"{base_path}/docs/assets", StaticFiles(directory=ASSETS), name="docs-assets")

    page = get_swagger_ui_html(
        openapi_url=f"{base_path}/openapi.json",
        title="Millwright API",
        swagger_js_url=f"{base_path}/docs/assets/swagger-ui-bundle.js",
        swagger_css_url=f"{base_path}/docs/assets/swagger-ui.css",
        swagger_favicon_url=f"{base_path}/docs/assets/favicon-32x32.png",
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": False},
    )
    page.headers["Content-Security-Policy"] = content_security(bytes(page.body).decode())

    @app.get(f"{base_path}/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return page


def content_security(page: str) -> str:
    """The policy of a page: our own files, the scripts it holds now, and the styles these set."""
    digests = (hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
