import pytest

from app.core.storage import Storage


@pytest.fixture
def storage(either_store: Storage) -> Storage:
    """Everything here holds in a folder and in an S3 store."""
    return either_store
