import pytest

from app.core.logging import configure_logging

pytest_plugins = [
    "tests.support.database",
    "tests.support.stores",
    "tests.support.calculator",
    "tests.support.app",
    "tests.support.auth",
]

DATABASE_FIXTURES = {"db", "live"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the database is repeated on PostgreSQL."""
    for item in items:
        if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """Log lines as in production; without it structlog draws every traceback with all its variables."""
    configure_logging("WARNING")
