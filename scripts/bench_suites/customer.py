"""A customer of a running API: registered, signed in, with an analysed part. For setting suites up."""

import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.request import Request

from scripts.bench_suites.measure import BenchFailed
from scripts.demo import Api
from scripts.local.services import DIRECT

PASSWORD_BYTES = 16
BLOCK = {"length_mm": 100, "width_mm": 50, "height_mm": 25}
CHOICE: dict[str, Any] = {"service_id": "cnc-milling", "material_id": "alum_D16", "quantity": 10}
ANALYSIS_SECONDS = 60.0


class Customer:
    """Somebody signed in at this address."""

    def __init__(self, address: str) -> None:
        self.api = Api(address)
        email, password = f"bench-{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(PASSWORD_BYTES)
        self.api.post("/register", {"email": email, "password": password, "full_name": "Bench"})
        login = {"email": email, "password": password}
        self.token = str(self.api.post("/login", login).body["access_token"])
        self.api.sign_in(email, password)

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request his."""
        return {"Authorization": f"Bearer {self.token}"}

    def analysed_file(self, path: Path) -> str:
        """Upload the part and wait until it is measured; its id."""
        file_id = str(self.api.upload("/files", path.name, path.read_bytes()).body["id"])
        deadline = time.monotonic() + ANALYSIS_SECONDS
        while self.api.get(f"/files/{file_id}/analysis").status != 200:  # noqa: PLR2004 - 202 means not yet
            if time.monotonic() > deadline:
                raise BenchFailed(f"{path.name} was not measured in time")
        return file_id

    def facts(self, file_id: str) -> dict[str, Any]:
        """What was measured."""
        found: dict[str, Any] = self.api.get(f"/files/{file_id}/analysis").body
        return found

    def placed_order(self) -> str:
        """An order by dimensions; its id."""
        return str(self.api.post("/orders", {**CHOICE, "dimensions": BLOCK}).body["id"])


def answered(url: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - any JSON document
    """The JSON at a loopback address."""
    with DIRECT.open(Request(url, headers=headers or {}), timeout=10) as answer:  # noqa: S310 - ours
        return json.load(answer)
