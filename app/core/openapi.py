"""What the OpenAPI document says beyond what the routes declare themselves.

Some answers come from around the routes: who is not signed in, who must change the password first, a wrong
method, too much to do. They are added here to every operation they concern.
"""

from collections.abc import Iterable
from typing import Any

from app.core.errors import AppError, problems

METHODS = {"get", "post", "put", "patch", "delete"}
WRITES = {"post", "put", "patch", "delete"}
SUCCESSES = range(200, 300)

RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds to wait before the next try."}
AUTHENTICATE = {"schema": {"type": "string"}, "description": "`Bearer`, or `ApiKey` where a key is wanted."}
RATE_LIMIT = {
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": '`"login";q=30;w=60`: 30 in 60 s.'},
    "RateLimit": {"schema": {"type": "string"}, "description": '`"login";r=0;t=12`: none left for 12 s.'},
}
HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": AUTHENTICATE},
    "429": {"Retry-After": RETRY_AFTER, **RATE_LIMIT},
    **{status: {"Retry-After": RETRY_AFTER} for status in ("502", "503", "504", "507")},
}


class Surroundings:
    """The failures that come from around the routes, by what an operation looks like."""

    def __init__(
        self,
        *,
        always: Iterable[type[AppError]],
        signed_in: Iterable[type[AppError]],
        writes: Iterable[type[AppError]],
        paged: Iterable[type[AppError]],
    ) -> None:
        self.always = tuple(always)
        self.signed_in = tuple(signed_in)
        self.writes = tuple(writes)
        self.paged = tuple(paged)

    def add_to(self, document: dict[str, Any]) -> None:
        """Complete every operation of the document."""
        for path in document["paths"].values():
            for method, operation in path.items():
                if method in METHODS and operation.get("tags") != ["health"]:
                    self._complete(method, operation)

    def _complete(self, method: str, operation: dict[str, Any]) -> None:
        failures = list(self.always)
        if operation.get("security"):
            failures += self.signed_in
        if method in WRITES:
            failures += self.writes
        if any(parameter["name"] == "page" for parameter in operation.get("parameters", [])):
            failures += self.paged
        for status, response in problems(*failures).items():
            _merge(operation["responses"], str(status), response)
        for status, headers in HEADERS.items():
            if status in operation["responses"]:
                operation["responses"][status].setdefault("headers", {}).update(headers)


def _merge(responses: dict[str, Any], status: str, added: dict[str, Any]) -> None:
    present = responses.setdefault(status, added)
    if present is added:
        return
    for media, content in added["content"].items():
        examples = present["content"][media]["examples"]
        new = {code: example for code, example in content["examples"].items() if code not in examples}
        examples.update(new)
        lines = [
            line for line in added["description"].splitlines() if any(f"`{code}`" in line for code in new)
        ]
        present["description"] = "\n".join([present["description"], *lines])
