from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
import time_machine
from botocore.config import Config

from app.core.clock import now
from app.core.names import attachment
from app.core.s3 import PresignedLinks
from app.core.sections import StorageSection
from app.core.storage import Storage
from app.files.incoming import in_pieces
from tests.support.stores import KEY, REGION, SECRET

NAME = 'деталь "7".stp'


class TestPresignedLink:
    async def test_downloads_under_the_name_of_the_file(self, s3_settings: StorageSection) -> None:
        storage = Storage.of(s3_settings)
        await storage.put_stream("files/key", in_pieces(b"content"))
        link = storage.link("files/key", NAME)
        assert link is not None

        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(link)

        assert (answer.status_code, answer.content) == (200, b"content")
        assert answer.headers["content-disposition"] == attachment(NAME)
        assert answer.headers["content-type"] == "application/octet-stream"

    def test_is_signed_as_amazon_signs(self, s3_settings: StorageSection) -> None:
        bucket = s3_settings.url.split("/")[2]
        with time_machine.travel(now(), tick=False):
            ours = Storage.of(s3_settings).link("files/key", NAME)
            client = boto3.client(
                "s3",
                endpoint_url=s3_settings.endpoint,
                region_name=REGION,
                aws_access_key_id=KEY,
                aws_secret_access_key=SECRET,
                config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
            )
            asked = {
                "Bucket": bucket,
                "Key": "some/prefix/files/key",
                "ResponseContentDisposition": attachment(NAME),
                "ResponseContentType": "application/octet-stream",
            }
            theirs = client.generate_presigned_url("get_object", Params=asked, ExpiresIn=600)

        assert ours is not None
        assert urlsplit(ours)[:3] == urlsplit(theirs)[:3]
        assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(theirs).query)

    def test_leads_to_where_browsers_reach_the_store(self, s3_settings: StorageSection) -> None:
        public = s3_settings.model_copy(update={"public_endpoint": "https://files.shop.example"})

        link = Storage.of(public).link("files/key", NAME)

        assert str(link).startswith("https://files.shop.example/shop-")

    def test_of_amazon_names_the_bucket_first(self) -> None:
        links = PresignedLinks.of(StorageSection(url="s3://shop", region="eu-north-1", access_key="a"))

        assert links is not None
        assert links.to("files/key", NAME).startswith("https://shop.s3.eu-north-1.amazonaws.com/files/key?")

    @pytest.mark.parametrize("change", [{"presigned_links": False}, {"access_key": ""}])
    def test_is_none_where_we_cannot_or_shall_not_sign(
        self, s3_settings: StorageSection, change: dict[str, object]
    ) -> None:
        assert PresignedLinks.of(s3_settings.model_copy(update=change)) is None
