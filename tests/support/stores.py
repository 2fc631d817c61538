"""Stores of files: a folder, and an S3 server on a real port."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from app.core.sections import StorageSection
from app.core.storage import Storage

KEY, SECRET, REGION = "shop-access-key", "shop-secret-key", "eu-central-1"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def s3_client(endpoint: str) -> Any:
    """Amazon's own client of an S3 server."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )


@pytest.fixture
def s3_settings(s3_server: str) -> StorageSection:
    """A bucket of the test's own."""
    bucket = f"shop-{uuid4().hex[:12]}"
    place = {"LocationConstraint": REGION}
    s3_client(s3_server).create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    return StorageSection(
        url=f"s3://{bucket}/some/prefix",
        endpoint=s3_server,
        region=REGION,
        access_key=KEY,
        secret_key=SecretStr(SECRET),
    )


@pytest.fixture
def storage() -> Storage:
    """Where files are kept; packages that care run their tests on `either_store` instead."""
    return Storage.at("memory://")


@pytest.fixture(params=["folder", "s3"])
def either_store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A folder, then an S3 server; links lead to us in both."""
    if request.param == "folder":
        return Storage.at(str(tmp_path / "files"))
    settings: StorageSection = request.getfixturevalue("s3_settings")
    return Storage.of(settings.model_copy(update={"presigned_links": False}))
