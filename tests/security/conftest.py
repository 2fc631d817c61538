import httpx
import pytest

from app.core.db import Database
from app.core.resources import Resources
from tests.security.world import World, make_world


@pytest.fixture
async def world(client: httpx.AsyncClient, db: Database, resources: Resources) -> World:
    """Everybody and everything, anew for each test."""
    return await make_world(client, db, resources)
