"""S3-compatible stores: how they are opened, and links that let browsers read from them without us."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from obstore.store import S3Store

from app.core.clock import now
from app.core.config import StorageSection
from app.core.names import attachment

SCHEME = "s3://"
LIFETIME = timedelta(minutes=10)
SERVICE = "s3"
ALGORITHM = "AWS4-HMAC-SHA256"
BINARY = "application/octet-stream"
CONNECT = timedelta(seconds=5)
SILENCE = timedelta(seconds=30)
"""How long the store may say nothing in the middle of an answer."""
WHOLE_ANSWER = timedelta(hours=1)
"""A large part takes a slow client long; it is cut off elsewhere if it is too slow."""
PATIENCE = timedelta(seconds=15)
MOST_RETRIES = 3


def open_s3(settings: StorageSection) -> S3Store:
    """The bucket of the settings; asks nobody yet."""
    bucket, prefix = _place(settings)
    given: dict[str, Any] = {}
    if settings.endpoint:
        given["endpoint"] = settings.endpoint
    if settings.access_key:
        given["access_key_id"] = settings.access_key
        given["secret_access_key"] = settings.secret_key.get_secret_value()
    return S3Store(
        bucket,
        prefix=prefix or None,
        region=settings.region,
        virtual_hosted_style_request=not settings.endpoint,
        client_options={
            "allow_http": settings.endpoint.startswith("http://"),
            "connect_timeout": CONNECT,
            "read_timeout": SILENCE,
            "timeout": WHOLE_ANSWER,
        },
        retry_config={"max_retries": MOST_RETRIES, "retry_timeout": PATIENCE},
        **given,
    )


@dataclass(frozen=True)
class PresignedLinks:
    """Links that carry their own permission (AWS Signature Version 4 in the query).

    Signed here and not by the client library, which signs no file name: ``response-content-disposition``
    gives every owner of a shared content the name of his own file.
    """

    base: str
    """Where the bucket is, with what comes before the keys."""
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    @classmethod
    def of(cls, settings: StorageSection) -> "PresignedLinks | None":
        """Those of the settings; none where they are switched off or the keys are not ours to use."""
        if not (settings.presigned_links and settings.access_key):
            return None
        bucket, prefix = _place(settings)
        endpoint = (settings.public_endpoint or settings.endpoint).rstrip("/")
        base = f"{endpoint}/{bucket}" if endpoint else f"https://{bucket}.s3.{settings.region}.amazonaws.com"
        folder = f"/{_quoted(prefix, safe='/')}" if prefix else ""
        secret = settings.secret_key.get_secret_value()
        return cls(base + folder, settings.region, settings.access_key, secret)

    def to(self, key: str, name: str) -> str:
        """The link that downloads the blob under this name."""
        moment = now()
        address = urlsplit(f"{self.base}/{_quoted(key, safe='/')}")
        scope = f"{moment:%Y%m%d}/{self.region}/{SERVICE}/aws4_request"
        query = _query(
            {
                "X-Amz-Algorithm": ALGORITHM,
                "X-Amz-Credential": f"{self.access_key}/{scope}",
                "X-Amz-Date": f"{moment:%Y%m%dT%H%M%SZ}",
                "X-Amz-Expires": str(int(LIFETIME.total_seconds())),
                "X-Amz-SignedHeaders": "host",
                "response-content-disposition": attachment(name),
                "response-content-type": BINARY,
            }
        )
        canonical = f"GET\n{address.path}\n{query}\nhost:{address.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"{ALGORITHM}\n{moment:%Y%m%dT%H%M%SZ}\n{scope}\n{digest}"
        signature = hmac.new(self._key(moment), text.encode(), "sha256").hexdigest()
        return f"{address.geturl()}?{query}&X-Amz-Signature={signature}"

    def _key(self, moment: datetime) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in (f"{moment:%Y%m%d}", self.region, SERVICE, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _place(settings: StorageSection) -> tuple[str, str]:
    bucket, _, prefix = settings.url.removeprefix(SCHEME).partition("/")
    return bucket, prefix.strip("/")


def _query(values: dict[str, str]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(values.items()))


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=f"{safe}-_.~")
