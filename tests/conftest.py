import pytest

pytest_plugins = [
    "tests.support.database",
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
