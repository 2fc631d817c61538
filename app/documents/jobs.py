"""Having documents scanned."""

from app.core.jobs import JobContext, Retry, on
from app.documents.dependencies import build_documents
from app.documents.events import DocumentStored

PATIENCE = Retry(attempts=20, base_seconds=2.0, cap_seconds=600.0)
"""About two hours; then somebody is told, and the document stays where it is."""


@on(DocumentStored, name="documents.scan", retry=PATIENCE)
async def scan(context: JobContext, stored: DocumentStored) -> None:
    """Ask the scanner; only what it finds clean is given out."""
    await build_documents(context.resources, context.session).scan(stored.document_id)
