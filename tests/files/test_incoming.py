import base64
from collections.abc import AsyncIterator

import pytest

from app.contents.errors import FileTooLarge
from app.core.errors import Malformed, Rejected
from app.core.offload import Offload
from app.files.errors import UploadIncomplete
from app.files.incoming import MultipartFile, decoded, in_pieces

BOUNDARY = "boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def field(name: str, content: bytes, file_name: str | None = None) -> bytes:
    named = f'; filename="{file_name}"' if file_name is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


async def received(body: bytes, piece_bytes: int = 7) -> tuple[str, bytes]:
    upload = MultipartFile(CONTENT_TYPE, in_pieces(body, piece_bytes))
    name = await upload.opened()
    return name, b"".join([chunk async for chunk in upload.chunks()])


class TestMultipartFile:
    @pytest.mark.parametrize("piece_bytes", [1, 7, 64, 100_000])
    async def test_yields_the_file_however_it_is_cut(self, piece_bytes: int) -> None:
        content = bytes(range(256)) * 40 + b"\r\n--boundar"
        body = field("note", b"first") + field("file", content, "part.stl") + field("more", b"x") + END

        assert await received(body, piece_bytes) == ("part.stl", content)

    async def test_an_empty_file_is_a_file(self) -> None:
        assert await received(field("file", b"", "a") + END) == ("a", b"")

    async def test_refuses_a_body_without_the_file(self) -> None:
        with pytest.raises(UploadIncomplete):
            await received(field("other", b"x", "part.stl") + END)

    async def test_refuses_a_field_that_is_no_file(self) -> None:
        with pytest.raises(UploadIncomplete):
            await received(field("file", b"x") + END)

    async def test_refuses_a_body_that_ends_in_the_middle(self) -> None:
        with pytest.raises(Malformed):
            await received(field("file", b"x" * 1000, "part.stl")[:-300])

    async def test_refuses_what_is_not_multipart(self) -> None:
        with pytest.raises(Malformed):
            await received(b"{}" * 100)

    async def test_refuses_endless_headers(self) -> None:
        with pytest.raises(Malformed):
            await received(f"--{BOUNDARY}\r\nX-Long: ".encode() + b"y" * 100_000)

    def test_refuses_a_type_without_boundary(self) -> None:
        with pytest.raises(Malformed):
            MultipartFile("multipart/form-data", in_pieces(b""))

    @pytest.mark.parametrize("length", [257, 5000])
    def test_refuses_a_boundary_nobody_would_choose(self, length: int) -> None:
        with pytest.raises(Malformed):
            MultipartFile(f"multipart/form-data; boundary={'b' * length}", in_pieces(b""))


class TestDecoded:
    @pytest.fixture
    async def offload(self) -> AsyncIterator[Offload]:
        pool = Offload("test")
        yield pool
        await pool.close()

    async def test_counts_decoded_bytes(self, offload: Offload) -> None:
        data = base64.b64encode(bytes(100)).decode()

        assert await decoded("data", data, 100, offload) == bytes(100)
        with pytest.raises(FileTooLarge):
            await decoded("data", data, 99, offload)

    async def test_takes_line_breaks(self, offload: Offload) -> None:
        assert await decoded("data", "aGVs\nbG8=\n", 100, offload) == b"hello"

    @pytest.mark.parametrize("data", ["a", "aGVsbG8", "****", "aGVs=bG8", "приве"])
    async def test_refuses_what_is_not_base64(self, data: str, offload: Offload) -> None:
        with pytest.raises(Rejected) as refusal:
            await decoded("data", data, 100, offload)

        assert refusal.value.errors[0].field == "data"
