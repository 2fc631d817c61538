"""Every table, for Alembic and the mapper."""

from app.analyses.models import Analysis, ContentLease, Picture
from app.audit.models import AuditRecord
from app.auth.models import ApiKey, EmailLink, Session, User
from app.catalog.models import CatalogVersion
from app.contents.models import Content
from app.core.idempotency import IdempotencyRecord
from app.core.job_tables import JobProgress, JobRate, JobSignal, JobStep, OutboxMessage
from app.core.rate_limits import RateCount
from app.documents.models import Document
from app.files.imports_models import FileImport, ImportedSource
from app.files.models import File
from app.orders.models import Order, OrderDocument
from app.uploads.models import Upload, UploadPiece
from app.users.models import Profile

__all__ = [
    "Analysis",
    "ApiKey",
    "AuditRecord",
    "CatalogVersion",
    "Content",
    "ContentLease",
    "Document",
    "EmailLink",
    "File",
    "FileImport",
    "IdempotencyRecord",
    "ImportedSource",
    "JobProgress",
    "JobRate",
    "JobSignal",
    "JobStep",
    "Order",
    "OrderDocument",
    "OutboxMessage",
    "Picture",
    "Profile",
    "RateCount",
    "Session",
    "Upload",
    "UploadPiece",
    "User",
]
