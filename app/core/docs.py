"""The interactive API page, from files of our own: it works without the Internet."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).parent / "docs_assets"


def install_docs(app: FastAPI, base_path: str) -> None:
    """Serve ``/docs`` and its assets under the base path."""
    app.mount(f"{base_path}/docs/assets", StaticFiles(directory=ASSETS), name="docs-assets")

    @app.get(f"{base_path}/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=f"{base_path}/openapi.json",
            title="Millwright API",
            swagger_js_url=f"{base_path}/docs/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{base_path}/docs/assets/swagger-ui.css",
            swagger_favicon_url=f"{base_path}/docs/assets/favicon-32x32.png",
            swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": False},
        )
