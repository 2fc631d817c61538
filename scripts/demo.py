"""The main job over HTTP, step by step: register, upload a part, measure, price, order.

Called by ``run.py --demo``; alone: ``python3 scripts/demo.py [http://127.0.0.1:8000]``.
Standard library only.
"""

import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "app" / "files" / "demo"
SERVICE, MATERIAL, QUANTITY = "cnc-milling", "alum_D16", 10
CALL_SECONDS = 90.0
ANALYSIS_SECONDS = 120.0
WIDTHS = (34, 14, 8)
"""Columns of the price table: label, amount, share."""


class DemoFailed(Exception):
    """The API said no; the message holds its problem document."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


class Api:
    """A small client of the API."""

    def __init__(self, address: str) -> None:
        self._prefix = f"{address.rstrip('/')}/api/v1"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._headers: dict[str, str] = {"Accept": "application/json", "Accept-Language": "en"}

    def sign_in(self, email: str, password: str) -> None:
        """Send the access token with everything from now on."""
        token = self.post("/login", {"email": email, "password": password}).body["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Answer:
        """Read something."""
        return self._call("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Answer:
        """Send JSON; headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._call(
            "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json", **named}
        )

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send a file as multipart/form-data."""
        boundary = secrets.token_hex(16)
        disposition = f'form-data; name="file"; filename="{quote(name)}"'
        body = (
            (
                f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
                "Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        return self._call("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        request = urllib.request.Request(  # noqa: S310 - the address is ours
            self._prefix + path, body, {**self._headers, **headers}, method=method
        )
        try:
            with self._opener.open(request, timeout=CALL_SECONDS) as answer:
                content = answer.read()
                return Answer(answer.status, dict(answer.headers), json.loads(content) if content else None)
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            raise DemoFailed(f"{method} {path} answered {error.code}: {text}") from error
        except (urllib.error.URLError, TimeoutError) as error:
            raise DemoFailed(f"{method} {path} was not answered: {error}") from error


def run_demo(address: str) -> None:
    """Do the whole job once at this address and print what happens; raises ``DemoFailed``."""
    api = Api(address)
    email, password = f"demo-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(16)
    step("Register and log in", email)
    api.post("/register", {"email": email, "password": password, "full_name": "Demo Customer"})
    api.sign_in(email, password)
    part = demo_part()
    step("Upload a STEP part", part.name)
    file = api.upload("/files", part.name, part.read_bytes()).body
    started = time.perf_counter()
    facts = measured(api, file["id"])
    step("Measure it", f"{described(facts)} ({time.perf_counter() - started:.2f} s)")
    choice = {"service_id": SERVICE, "material_id": MATERIAL, "quantity": QUANTITY, "file_id": file["id"]}
    step("Price it", f"{SERVICE}, {MATERIAL}, {QUANTITY} pieces")
    price = api.post("/calculate-price", choice).body
    print(price_table(price), flush=True)
    order = api.post(
        "/orders",
        {**choice, "name": "Demo order", "quote_hash": price["quote_hash"]},
        Idempotency_Key=secrets.token_hex(16),
    ).body
    step(
        "Place the order",
        f"{order['number']}, status {order['status']}, {money(order['total_price'], order)}",
    )


def demo_part() -> Path:
    """The STEP part the demo orders, one of those that come with the service."""
    parts = sorted(PARTS.glob("*.step"))
    if not parts:
        raise DemoFailed(f"There is no STEP part in {PARTS}.")
    return parts[0]


def measured(api: Api, file_id: str) -> dict[str, Any]:
    """The facts of the part, as soon as they are there."""
    deadline = time.monotonic() + ANALYSIS_SECONDS
    while True:
        answer = api.get(f"/files/{file_id}/analysis")
        if answer.status == 200:  # noqa: PLR2004 - OK; 202 means not yet
            facts: dict[str, Any] = answer.body
            return facts
        if time.monotonic() > deadline:
            raise DemoFailed(f"The part was not measured within {ANALYSIS_SECONDS:.0f} seconds.")
        time.sleep(0.5)  # noqa: TID251 - a script of its own, there is no loop to block


def described(facts: dict[str, Any]) -> str:
    """The figures people ask for first."""
    box = facts["bounding_box_mm"]
    size = " × ".join(f"{box[axis]:.1f}" for axis in ("x", "y", "z"))
    volume = facts["volume_mm3"]
    solid = "open surface, no volume" if volume is None else f"{volume:,.0f} mm³"
    return f"{size} mm, {solid}, {len(facts['features'])} features, {len(facts['findings'])} findings"


def price_table(price: dict[str, Any]) -> str:
    """The price tree: one row per line, children below their parent, the total at the end."""
    rows = [row("", "Line", "Amount", "Share", "Formula"), "  " + "-" * 100]
    for line in price["lines"]:
        rows.extend(line_rows(line, ""))
    rows.append("  " + "-" * 100)
    unit = f"{money(price['unit_price'], price)} each, {price['lead_time_days']} working days"
    rows.append(row("", "Total", grouped(price["total_price"]), "100.0 %", unit))
    return "\n".join(rows)


def line_rows(line: dict[str, Any], indent: str) -> list[str]:
    """A line and its children, indented."""
    rows = [
        row(indent, line["label"], grouped(line["amount"]), f"{line['share'] * 100:.1f} %", line["formula"])
    ]
    for child in line["children"]:
        rows.extend(line_rows(child, indent + "  "))
    return rows


def row(indent: str, label: str, amount: str, share: str, formula: str) -> str:
    """One row of the table."""
    first, second, third = WIDTHS
    name = indent + label
    shown = name if len(name) <= first else name[: first - 1] + "…"
    return f"  {shown:<{first}} {amount:>{second}} {share:>{third}}  {formula}".rstrip()


def money(amount: str, owner: dict[str, Any]) -> str:
    """An amount with its currency."""
    return f"{grouped(amount)} {owner['currency']}"


def grouped(amount: str) -> str:
    """Thousands apart, decimals as they came."""
    whole, point, cents = amount.partition(".")
    return f"{int(whole):,}{point}{cents}"


def step(name: str, detail: str) -> None:
    """One line per step."""
    print(f"* {name}: {detail}", flush=True)


def main() -> int:
    """The demo against a running service."""
    try:
        run_demo(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
    except DemoFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
