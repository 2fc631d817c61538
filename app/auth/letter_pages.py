"""The pages letters lead to where no frontend has better ones: confirm an address, set a password."""

import html
from functools import lru_cache
from pathlib import Path
from string import Template

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from app.auth.letter_desk import CONFIRM_PAGE, RESET_PAGE
from app.core.config import API_PREFIX
from app.core.docs import content_security
from app.core.locale import Language, preferred_language

FOLDER = Path(__file__).parent / "pages"


def install_letter_pages(app: FastAPI, base_path: str) -> None:
    """Serve both pages under the base path; what they post goes to the API."""

    @app.get(base_path + CONFIRM_PAGE, include_in_schema=False)
    async def confirm_page(request: Request) -> HTMLResponse:
        return _answer(request, "confirm", f"{base_path}{API_PREFIX}/email/confirm")

    @app.get(base_path + RESET_PAGE, include_in_schema=False)
    async def reset_page(request: Request) -> HTMLResponse:
        return _answer(request, "reset", f"{base_path}{API_PREFIX}/password/reset")


def _answer(request: Request, name: str, target: str) -> HTMLResponse:
    page = _page(name, preferred_language(request.headers.get("accept-language")), target)
    headers = {"Content-Security-Policy": content_security(page), "Vary": "Accept-Language"}
    return HTMLResponse(page, headers=headers)


@lru_cache
def _page(name: str, language: Language, target: str) -> str:
    """The frame around ``<name>.<language>.html``, whose first line is the title."""
    title, _, form = (FOLDER / f"{name}.{language}.html").read_text(encoding="utf-8").partition("\n")
    frame = Template((FOLDER / "frame.html").read_text(encoding="utf-8"))
    return frame.substitute(
        language=language, title=html.escape(title), target=html.escape(target), form=form
    )
