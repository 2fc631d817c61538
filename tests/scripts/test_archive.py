from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from scripts.backups import BackupFailed
from scripts.backups.archive import verified, written
from scripts.backups.manifest import Manifest

CONTENT = b"".join(sha256(bytes([number])).digest() for number in range(200))
"""Nothing that could be compressed."""


def archive(path: Path, *names: str, manifest: bool = True, only: int | None = None) -> Path:
    """An archive with the same content under each name; the manifest knows the first ``only`` of them."""
    with written(path, 0) as writer:
        for name in names:
            writer.add(name, BytesIO(CONTENT))
        about = Manifest(
            version="0",
            made_at=datetime(2026, 1, 1, tzinfo=UTC),
            database="sqlite",
            revision="none",
            tables={},
            members=dict(list(writer.members.items())[:only]),
        )
        if manifest:
            writer.seal(about)
    return path


NAMES = ("database.sqlite3", "storage/files/one", "storage/files/two")


class TestVerify:
    @pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
    def test_a_whole_archive_says_what_is_in_it(self, tmp_path: Path, name: str) -> None:
        found = verified(archive(tmp_path / name, *NAMES))

        assert tuple(found.members) == NAMES
        assert found.stored_files == 2
        assert found.size_bytes == 3 * len(CONTENT)

    def test_a_changed_byte_names_its_file(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.tar", *NAMES)
        content = bytearray(path.read_bytes())
        content[content.index(CONTENT, content.index(b"storage/files/one")) + 100] ^= 1
        path.write_bytes(content)

        with pytest.raises(BackupFailed, match="is damaged: storage/files/one is not what was written"):
            verified(path)

    def test_a_changed_manifest_is_refused(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.tar", *NAMES)
        path.write_bytes(path.read_bytes().replace(b'"revision": "none"', b'"revision": "nine"'))

        with pytest.raises(BackupFailed, match=r"is damaged: manifest\.json is not what was written"):
            verified(path)

    @pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
    @pytest.mark.parametrize("part", [0.0, 0.1, 0.4, 0.7, 0.95])
    def test_a_cut_archive_is_refused(self, tmp_path: Path, name: str, part: float) -> None:
        path = archive(tmp_path / name, *NAMES)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(part * len(whole.rstrip(b"\0")))])

        with pytest.raises(BackupFailed, match="is damaged"):
            verified(path)

    @pytest.mark.parametrize("position", range(0, 95, 7))
    def test_no_changed_byte_of_a_compressed_archive_passes(self, tmp_path: Path, position: int) -> None:
        path = archive(tmp_path / "a.tar.gz", *NAMES)
        content = bytearray(path.read_bytes())
        content[20 + (len(content) - 30) * position // 100] ^= 0x10
        path.write_bytes(content)

        with pytest.raises(BackupFailed, match="is damaged"):
            verified(path)

    def test_a_missing_manifest_names_the_last_file(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.tar", *NAMES, manifest=False)

        with pytest.raises(BackupFailed, match="ends after storage/files/two without a sealed manifest"):
            verified(path)

    def test_a_file_the_manifest_does_not_know_is_refused(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.tar", *NAMES, only=2)

        with pytest.raises(BackupFailed, match="storage/files/two is not what was written"):
            verified(path)

    def test_a_file_that_is_in_it_twice_is_refused(self, tmp_path: Path) -> None:
        path = archive(tmp_path / "a.tar", *NAMES, "storage/files/one")

        with pytest.raises(BackupFailed, match="storage/files/one is in it twice"):
            verified(path)

    @pytest.mark.parametrize(
        "name", ["../evil", "/etc/passwd", "storage/../../evil", "storage//x", "storage/./x", "other.txt"]
    )
    def test_names_that_lead_elsewhere_are_refused(self, tmp_path: Path, name: str) -> None:
        path = archive(tmp_path / "a.tar", name)

        with pytest.raises(BackupFailed, match="it holds"):
            verified(path)

    def test_something_else_is_no_backup(self, tmp_path: Path) -> None:
        (tmp_path / "a.tar").write_text("hello" * 1000)

        with pytest.raises(BackupFailed, match="is damaged or no backup: its beginning"):
            verified(tmp_path / "a.tar")


def test_an_archive_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with written(tmp_path / "a.tar", 0) as writer:
            writer.add("storage/files/one", BytesIO(CONTENT))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail_half_way()

    assert list(tmp_path.iterdir()) == []
