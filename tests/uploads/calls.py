"""What a client of the tus protocol does."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from tests.support.auth import Account

UPLOADS = "/api/v1/uploads"
KIND = "application/offset+octet-stream"


@dataclass
class Tus:
    """A client that uploads for somebody."""

    client: httpx.AsyncClient
    account: Account

    @property
    def headers(self) -> dict[str, str]:
        return {**self.account.headers, "Tus-Resumable": "1.0.0"}

    async def begin(self, length: int | str, name: str = "part.step") -> httpx.Response:
        encoded = base64.b64encode(name.encode()).decode()
        said = {"Upload-Length": str(length), "Upload-Metadata": f"filename {encoded},relativePath bnVsbA=="}
        return await self.client.post(UPLOADS, headers={**self.headers, **said})

    async def begun(self, content: bytes, name: str = "part.step") -> str:
        """Where an upload of this content goes on."""
        answer = await self.begin(len(content), name)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def patch(
        self, location: str, offset: int, content: bytes | AsyncIterator[bytes], **headers: str
    ) -> httpx.Response:
        said = {"Upload-Offset": str(offset), "Content-Type": KIND}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.patch(location, headers={**self.headers, **said, **more}, content=content)

    async def offset(self, location: str) -> int:
        """Where HEAD says the upload stands."""
        answer = await self.client.head(location, headers=self.headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        return int(answer.headers["Upload-Offset"])

    async def downloaded(self, file_id: str) -> bytes:
        path = f"/api/v1/files/{file_id}/download"
        return (await self.client.get(path, headers=self.account.headers)).content
