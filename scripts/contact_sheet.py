"""Previews of all parts in a folder on one sheet: ``.venv/bin/python -m scripts.contact_sheet FOLDER SHEET``.

Parts take the calculator's own way, one child each, so that what is seen here is what customers see. A sheet
named ``.html`` also holds the refusals; any other name gets a PNG.
"""

import argparse
import asyncio
import html
import io
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from app.calculator.catalog import loader
from app.calculator.children.runner import Children
from app.calculator.config import CalculatorSettings
from app.calculator.errors import CalculatorError
from app.calculator.metrics import Metrics
from app.calculator.service import PREPARE, CalculatorService
from app.calculator.shelf import CatalogShelf
from app.contract.pictures import PreviewQuery

COLUMNS = 6
CAPTION_PX = 14
LONGEST_CAPTION = 40


@dataclass(frozen=True)
class Shot:
    """A file's picture, or why it has none."""

    name: str
    png: bytes = b""
    refusal: str = ""


def main() -> None:
    """Draw everything, write the sheet, say what has no picture."""
    parser = argparse.ArgumentParser(description="Previews of all parts in a folder on one sheet.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("sheet", type=Path, help="the .png or .html file to write")
    parser.add_argument("--size", type=int, default=256, help="pixels of each picture")
    parser.add_argument("--views", default="iso", help="up to four, such as iso,front,top,right")
    chosen = parser.parse_args()
    query = PreviewQuery.model_validate({"size": chosen.size, "views": chosen.views, "background": "white"})
    paths = sorted(path for path in chosen.folder.rglob("*") if path.is_file())
    shots = asyncio.run(shoot(paths, query))
    is_page = chosen.sheet.suffix.lower() == ".html"
    chosen.sheet.write_bytes(as_html(shots) if is_page else as_png(shots, query.size))
    for shot in shots:
        if not shot.png:
            print(f"{shot.name}: {shot.refusal}")
    print(f"{sum(bool(shot.png) for shot in shots)} of {len(shots)} files have a picture on {chosen.sheet}")


async def shoot(paths: list[Path], query: PreviewQuery) -> list[Shot]:
    """A shot of every file, in their order."""
    settings = CalculatorSettings()
    children = Children(PREPARE, most=settings.children, queue=len(paths))
    catalogs = CatalogShelf(loader.load(), most=1)
    service = CalculatorService(settings, children, catalogs, Metrics(lambda: children.running))
    await children.start()
    try:
        return await asyncio.gather(*(_shot(service, path, query) for path in paths))
    finally:
        await children.stop()


async def _shot(service: CalculatorService, path: Path, query: PreviewQuery) -> Shot:
    async def body() -> AsyncIterator[bytes]:
        yield await asyncio.to_thread(path.read_bytes)

    try:
        return Shot(path.name, await service.preview(body(), None, query))
    except CalculatorError as refusal:
        return Shot(path.name, refusal=f"{refusal.code}: {refusal.detail}")


def as_png(shots: list[Shot], cell_px: int) -> bytes:
    """The pictures in rows, each above its name."""
    drawn = [shot for shot in shots if shot.png]
    rows = -(-len(drawn) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * cell_px, max(1, rows) * (cell_px + CAPTION_PX)), "white")
    pen = ImageDraw.Draw(sheet)
    for index, shot in enumerate(drawn):
        row, column = divmod(index, COLUMNS)
        left, top = column * cell_px, row * (cell_px + CAPTION_PX)
        sheet.paste(Image.open(io.BytesIO(shot.png)), (left, top))
        pen.text((left, top + cell_px), shot.name[:LONGEST_CAPTION], fill="black")
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def as_html(shots: list[Shot]) -> bytes:
    """A page that needs nothing else."""
    figures = "".join(_figure(shot) for shot in shots)
    style = "body{font:13px sans-serif} figure{display:inline-block;margin:8px;vertical-align:top}"
    page = f'<!doctype html><meta charset="utf-8"><title>Parts</title><style>{style}</style>{figures}'
    return page.encode("utf-8", "replace")


def _figure(shot: Shot) -> str:
    caption = f"<figcaption>{html.escape(shot.name)}<br>{html.escape(shot.refusal)}</figcaption>"
    if not shot.png:
        return f"<figure>{caption}</figure>"
    return f'<figure><img src="data:image/png;base64,{b64encode(shot.png).decode()}">{caption}</figure>'


if __name__ == "__main__":
    main()
