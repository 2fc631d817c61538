"""What schemathesis has to be taught: bytes of resumable uploads are bytes."""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
