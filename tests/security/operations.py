"""Every operation of the API, read from its own OpenAPI document: a new route is in every test at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import SecretStr

from app.core.config import AuthSection, Environment, Settings
from app.main import create_app
from tests.support.app import SECRET

JSON = "application/json"
ADMINISTRATION, HEALTH = "administration", "health"

Schema = dict[str, Any]


def read_document() -> dict[str, Any]:
    """The OpenAPI document of the whole application."""
    settings = Settings(
        _env_file=None,
        environment=Environment.development,
        auth=AuthSection(secret=SecretStr(SECRET), bcrypt_rounds=4),
    )
    return create_app(settings).openapi()


DOCUMENT = read_document()


@dataclass(frozen=True)
class Operation:
    """A method of a path."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def described(self) -> dict[str, Any]:
        """What the document says of it."""
        found: dict[str, Any] = DOCUMENT["paths"][self.path][self.method.lower()]
        return found

    @property
    def tags(self) -> list[str]:
        return list(self.described.get("tags", []))

    @property
    def schemes(self) -> set[str]:
        """The ways to say who one is that it knows."""
        return {name for choice in self.described.get("security", []) for name in choice}

    @property
    def is_open_to_guests(self) -> bool:
        """Whether the document says that nobody has to say who he is."""
        choices = self.described.get("security", [])
        return not choices or {} in choices

    @property
    def ids(self) -> list[str]:
        """The names of the objects in its path."""
        return [
            parameter["name"]
            for parameter in self.described.get("parameters", [])
            if parameter["in"] == "path"
        ]

    @property
    def is_for_administrators(self) -> bool:
        return ADMINISTRATION in self.tags

    @property
    def is_list(self) -> bool:
        """Whether it answers with a page of rows."""
        return any(parameter["name"] == "page" for parameter in self.described.get("parameters", []))

    @cached_property
    def body(self) -> Schema | None:
        """The schema of the JSON it takes."""
        content = self.described.get("requestBody", {}).get("content", {})
        return resolved(content[JSON]["schema"]) if JSON in content else None

    @property
    def statuses(self) -> set[int]:
        """The answers it says it may give."""
        return {int(status) for status in self.described["responses"]}


def all_operations() -> list[Operation]:
    """What the document lists, but for the health of the service."""
    operations = [
        Operation(method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    ]
    return [operation for operation in operations if HEALTH not in operation.tags]


def resolved(schema: Schema) -> Schema:
    """The schema behind a reference."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def response_fields() -> dict[str, Any]:
    """Every field of every row and object in a successful answer, with a value it could have."""
    found: dict[str, Any] = {}
    for operation in all_operations():
        for status, response in operation.described["responses"].items():
            content = response.get("content", {})
            if status.startswith("2") and JSON in content:
                for name, schema in _rows(content[JSON]["schema"]):
                    found.setdefault(name, sample(schema))
    return found


def _rows(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The fields of the object that is answered, or of the rows of a page."""
    fields = resolved(schema).get("properties", {})
    if "items" in fields:
        fields = resolved(fields["items"]["items"]).get("properties", {})
    yield from fields.items()


SAMPLES: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True, "null": None}
FORMATS = {
    "uuid": "00000000-0000-7000-8000-00000000dead",
    "date-time": "2027-11-20T12:00:00+00:00",
    "date": "2027-11-20",
    "email": "somebody@example.com",
}


def sample(schema: Schema) -> Any:
    """A value that fits the schema, as small as it can be."""
    whole = resolved(schema)
    choices = next((whole[name] for name in ("anyOf", "oneOf", "allOf") if name in whole), None)
    if choices is not None:
        return sample(choices[0])
    values = [whole["const"]] if "const" in whole else whole.get("enum")
    if values:
        return values[0]
    return _of_type(whole)


def _of_type(schema: Schema) -> Any:
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return [sample(item) for item in schema["prefixItems"]]
        return [sample(schema["items"]) for _ in range(schema.get("minItems", 0))]
    if kind == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", [])}
    text = FORMATS.get(schema.get("format", ""), "text" * max(1, schema.get("minLength", 0)))
    return SAMPLES.get(kind or "string", text)
