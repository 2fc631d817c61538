"""An S3 server as a process of its own, with an empty bucket."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from scripts.bench_suites.servers import free_port, wait_until_ready
from scripts.local.services import Service

BUCKET, REGION, KEY, SECRET = "bench", "eu-central-1", "bench-access-key", "bench-secret-key"


@contextmanager
def object_store(folder: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The settings of an API that keeps its files there; the log in the folder."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    service = Service("object store", "moto.server", folder / "s3.log", f"{address}/moto-api/")
    try:
        service.start(Path(sys.executable), {**environment, "MOTO_PORT": str(port)})
        wait_until_ready(service)
        _make_bucket(address)
        yield {
            "storage__url": f"s3://{BUCKET}",
            "storage__endpoint": address,
            "storage__region": REGION,
            "storage__access_key": KEY,
            "storage__secret_key": SECRET,
        }
    finally:
        service.stop()


def _make_bucket(address: str) -> None:
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
    client = boto3.client("s3", endpoint_url=address, region_name=REGION, **keys)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
