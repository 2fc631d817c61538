"""Those who ask, and things that belong to one of them, under names nobody else may ever see."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from app.core.db import Database
from app.core.models import new_id
from app.core.resources import Resources
from tests.factories.auth import make_session, make_user
from tests.factories.catalog import changed_rows, propose
from tests.factories.files import STEP, make_file
from tests.factories.jobs import make_job
from tests.factories.users import make_profile, registration
from tests.security.operations import Operation, sample
from tests.support.auth import Account, account_of

PREFIX = "/api/v1"
CANARY = "canary-of-anna"
"""Stands in everything that belongs to Anna."""
BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}
PART = {"service_id": "cnc-milling", "material_id": "alum_D16", "dimensions": BOX}


@dataclass(frozen=True)
class World:
    """Anna has everything, Boris nothing, the administrator his rights.

    The robot has a key of Anna's, the tool one of Boris's.

    ``own`` and ``deleted`` say which object of Anna's a name in a path stands for.
    """

    identities: Mapping[str, Mapping[str, str]]
    own: Mapping[str, UUID]
    deleted: Mapping[str, UUID]

    def request(self, operation: Operation, who: str, ids: Mapping[str, UUID]) -> dict[str, Any]:
        """How this identity asks for the operation on these objects."""
        path = operation.path
        for name in operation.ids:
            path = path.replace(f"{{{name}}}", str(ids[name]))
        request: dict[str, Any] = {
            "method": operation.method,
            "url": path + QUERIES.get(str(operation).replace(PREFIX, ""), ""),
            "headers": {**self.identities[who], **HEADERS.get(str(operation).replace(PREFIX, ""), {})},
        }
        body = body_for(operation)
        return request if body is None else {**request, "json": body}


def body_for(operation: Operation) -> Any:
    """A body the operation takes."""
    if operation.body is None:
        return None
    return BODIES.get(str(operation).replace(PREFIX, ""), sample(operation.body))


BODIES: dict[str, Any] = {
    "POST /register": registration(),
    "POST /users": registration(email="new@example.com"),
    "PATCH /users/{user_id}": {"full_name": "Somebody"},
    "POST /orders": PART,
    "POST /calculate-price": PART,
    "POST /calculate-price/compare": {"dimensions": BOX},
    "POST /admin/catalog/versions": {"rows": changed_rows(price_of_piece="130")},
    "POST /files": {"file_name": "part.step", "file_data": base64.b64encode(STEP).decode()},
    "POST /documents": {"file_name": "note.txt", "file_data": base64.b64encode(b"a note").decode()},
    "POST /login": {"email": "nobody@example.com", "password": "nobody knows it"},
    "POST /password/change": {"old": "nobody knows it", "new": "staple of a horse 7"},
    "POST /password/reset": {"token": "nothing", "password": "staple of a horse 7"},
}
"""Where the smallest body that fits the schema would be refused."""
QUERIES = {"GET /admin/catalog/versions/{version_id}/rows.csv": "?table=materials"}
"""What must stand behind a path."""
HEADERS: dict[str, dict[str, str]] = {
    "POST /uploads": {"Upload-Length": "10"},
    "PATCH /uploads/{upload_id}": {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
}
"""What some operations want besides."""


async def make_world(client: httpx.AsyncClient, db: Database, resources: Resources) -> World:
    """Everybody and everything."""
    anna, boris, admin = [
        await account_of(resources, await make_user(db, **changes))
        for changes in ({"username": CANARY}, {}, {"is_admin": True})
    ]
    await make_profile(db, user=anna.user, full_name=CANARY)
    own = {
        "user_id": anna.id,
        "session_id": (await make_session(db, user=anna.user, user_agent=CANARY)).id,
        "file_id": (await make_file(resources, owner_id=anna.id, name=f"{CANARY}.step")).id,
        "upload_id": await _uploading(client, anna),
        "document_id": await _document(client, anna),
        "order_id": await _ordered(client, anna, document_ids=[str(await _document(client, anna))]),
        "key_id": (await _key(client, anna))[0],
        "job_id": (await make_job(db)).id,
        "version_id": UUID((await propose(client, admin))["id"]),
        "import_id": await _imported(client, anna),
    }
    deleted = {
        "user_id": new_id(),
        "session_id": await _gone(client, anna, "sessions", (await make_session(db, user=anna.user)).id),
        "file_id": await _gone(client, anna, "files", (await make_file(resources, owner_id=anna.id)).id),
        "document_id": await _gone(client, anna, "documents", await _document(client, anna)),
        "upload_id": await _gone(client, anna, "uploads", await _uploading(client, anna)),
        "order_id": new_id(),
        "key_id": await _gone(client, anna, "api-keys", (await _key(client, anna))[0]),
        "job_id": new_id(),
        "version_id": new_id(),
        "import_id": new_id(),
    }
    identities = {
        "stranger": {},
        "anna": anna.headers,
        "boris": boris.headers,
        "robot": {"X-API-Key": (await _key(client, anna))[1]},
        "tool": {"X-API-Key": (await _key(client, boris, name="tool"))[1]},
        "admin": admin.headers,
    }
    return World(identities, own, deleted)


async def _ordered(client: httpx.AsyncClient, account: Account, **wishes: Any) -> UUID:
    body = {**PART, "name": CANARY, **wishes}
    answer = await client.post(f"{PREFIX}/orders", json=body, headers=account.headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def _imported(client: httpx.AsyncClient, account: Account) -> UUID:
    body = {"urls": [f"https://{CANARY}.example/part.step"]}
    answer = await client.post(f"{PREFIX}/files/import", json=body, headers=account.headers)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["id"])


async def _document(client: httpx.AsyncClient, account: Account) -> UUID:
    files = {"file": (f"{CANARY}.txt", b"a note")}
    answer = await client.post(f"{PREFIX}/documents", files=files, headers=account.headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def _uploading(client: httpx.AsyncClient, account: Account) -> UUID:
    name = base64.b64encode(CANARY.encode()).decode()
    headers = {**account.headers, "Upload-Length": "10", "Upload-Metadata": f"filename {name}"}
    answer = await client.post(f"{PREFIX}/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.headers["Location"].rpartition("/")[2])


async def _key(client: httpx.AsyncClient, account: Account, name: str = CANARY) -> tuple[UUID, str]:
    body = {"name": name, "scopes": ["orders:read"]}
    answer = await client.post(f"{PREFIX}/api-keys", json=body, headers=account.headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"]), answer.json()["key"]


async def _gone(client: httpx.AsyncClient, account: Account, kind: str, object_id: UUID) -> UUID:
    answer = await client.delete(f"{PREFIX}/{kind}/{object_id}", headers=account.headers)
    assert answer.status_code == 204, answer.text
    return object_id
