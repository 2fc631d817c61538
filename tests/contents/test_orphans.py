from datetime import timedelta

from app.contents.orphans import Orphans
from app.core.db import Database
from app.core.resources import Resources
from app.core.storage import Storage
from app.files.incoming import in_pieces
from tests.factories.auth import make_user
from tests.factories.files import make_file


async def test_only_bytes_without_a_row_are_removed(db: Database, resources: Resources) -> None:
    storage = resources.get(Storage)
    user = await make_user(db)
    await make_file(resources, owner_id=user.id)
    await storage.put_stream("files/orphan", in_pieces(b"left behind"))
    await storage.put_stream("demo/other", in_pieces(b"not ours to judge"))

    removed = await Orphans(db, storage).remove(timedelta(0))

    assert removed == 1
    assert await storage.keys("demo") == ["demo/other"]
    assert len(await storage.keys("files")) == 1
    assert not await storage.exists("files/orphan")


async def test_what_was_stored_just_now_is_spared(db: Database, resources: Resources) -> None:
    storage = resources.get(Storage)
    await storage.put_stream("files/coming", in_pieces(b"its row is about to be committed"))

    assert await Orphans(db, storage).remove(timedelta(hours=1)) == 0
    assert await storage.keys() == ["files/coming"]


async def test_nothing_is_removed_over_a_database_that_knows_none_of_it(
    db: Database, resources: Resources
) -> None:
    storage = resources.get(Storage)
    await storage.put_stream("files/of-another-database", in_pieces(b"somebody's only copy"))

    assert await Orphans(db, storage).remove(timedelta(0)) == 0
    assert await storage.keys() == ["files/of-another-database"]
