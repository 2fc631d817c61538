"""A small shop over HTTP: one customer with files and orders, on a database and a folder of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.config import DatabaseSection, Settings
from app.core.db import open_database
from app.core.storage import Storage
from tests.support.app import client_of, resources_over
from tests.support.calculator import StandInCalculator

EMAIL, PASSWORD = "keeper@example.com", "correct horse battery staple"
BOX = {"length_mm": 100, "width_mm": 50, "height_mm": 10}


@asynccontextmanager
async def shop_on(
    application: FastAPI, settings: Settings, url: str, folder: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over this database and this folder of files."""
    database = open_database(DatabaseSection(url=SecretStr(url)))
    try:
        async with resources_over(settings, database, StandInCalculator()) as resources:
            resources.add(Storage.at(str(folder)))
            async with client_of(application, resources) as client:
                yield client
    finally:
        await database.close()


@dataclass
class Customer:
    """Somebody who registered and signed in."""

    client: httpx.AsyncClient

    @classmethod
    async def registered(cls, client: httpx.AsyncClient) -> Self:
        account = {"email": EMAIL, "password": PASSWORD, "full_name": "Keeper"}
        assert (await client.post("/api/v1/register", json=account)).status_code == 201
        return await cls.signed_in(client)

    @classmethod
    async def signed_in(cls, client: httpx.AsyncClient) -> Self:
        answer = await client.post("/api/v1/login", json={"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return cls(client)

    async def upload(self, content: bytes) -> str:
        """The id of a new file."""
        answer = await self.client.post("/api/v1/files", files={"file": ("part.step", content)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def order(self, **changes: Any) -> dict[str, Any]:
        choice = {"service_id": "cnc-milling", "material_id": "alum_D16", **(changes or {"dimensions": BOX})}
        answer = await self.client.post("/api/v1/orders", json=choice)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def delete(self, file_id: str) -> None:
        assert (await self.client.delete(f"/api/v1/files/{file_id}")).status_code == 204

    async def orders(self) -> dict[str, dict[str, Any]]:
        """Every order by its number."""
        return {row["number"]: row for row in await self._all("orders")}

    async def files(self) -> dict[str, bytes]:
        """The bytes of every file by its id."""
        contents = {}
        for row in await self._all("files"):
            answer = await self.client.get(f"/api/v1/files/{row['id']}/download")
            assert answer.status_code == 200, answer.text
            contents[str(row["id"])] = answer.content
        return contents

    async def _all(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = (await self.client.get(f"/api/v1/{path}?limit=100&page={len(rows) // 100 + 1}")).json()
            rows += page["items"]
            if len(rows) >= page["total"] or not page["items"]:
                return rows
