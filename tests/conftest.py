import pytest

pytest_plugins = [
    "tests.support.database",
    "tests.support.calculator",
]

DATABASE_FIXTURES = {"db", "live", "client"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the database is repeated on PostgreSQL."""
    for item in items:
        if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
