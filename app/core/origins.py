"""Pages of other origins: which of them may ask from a browser, and read what is answered (CORS)."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from app.core.errors import Forbidden
from app.core.handlers import problem_response, request_id_of

ORIGIN = b"origin"
VARIES = (b"vary", b"Origin")


class OtherOrigins(CORSMiddleware):
    """Starlette's rules; a question ahead that is refused is a problem like any other.

    Requests that name no origin, those of programs and of our own pages, cost next to nothing.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: list[str],
        pattern: str | None,
        *,
        sent: tuple[str, ...],
        read: tuple[str, ...],
    ) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_origin_regex=pattern,
            allow_credentials=True,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=sent,
            expose_headers=read,
            max_age=3600,
        )

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer questions ahead, pass on everything else."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif not any(name == ORIGIN for name, _ in scope["headers"]):
            await self.app(scope, receive, _varying(send))
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in (
            headers := Headers(scope=scope)
        ):
            await self._ahead(scope, headers)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _ahead(self, scope: Scope, headers: Headers) -> Response:
        answer = self.preflight_response(request_headers=headers)
        if answer.status_code == HTTPStatus.OK:
            return answer
        refusal = Forbidden(
            "Pages of this origin may not ask this.", headers={"Vary": answer.headers["Vary"]}
        )
        return problem_response(refusal, request_id_of(scope))


def _varying(send: Send) -> Send:
    """Tell caches that a page elsewhere may get another answer."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], VARIES]}
        await send(message)

    return told
