"""Every feature's routes, one line each, in the order of the floors."""

from fastapi import FastAPI

from app.auth.admin_router import router as audit
from app.auth.keys_router import router as keys
from app.auth.router import router as auth
from app.background.admin_router import router as background
from app.calculations.router import router as calculations
from app.catalog.admin_router import router as catalog_versions
from app.catalog.router import router as catalog
from app.documents.admin_router import router as documents_of_users
from app.documents.router import router as documents
from app.files.admin_router import router as files_of_users
from app.files.bulk_router import router as bulk
from app.files.imports_router import router as imports
from app.files.pictures_router import admin_router as redrawing
from app.files.pictures_router import router as pictures
from app.files.router import router as files
from app.orders.admin_router import router as orders_of_users
from app.orders.router import router as orders
from app.trials.admin_router import router as trials
from app.uploads.router import router as uploads
from app.users.admin_router import router as administration
from app.users.router import router as users


def include_features(app: FastAPI, prefix: str) -> None:
    """Add the routes directly to the application: every router in between costs each request a look."""
    app.include_router(orders, prefix=prefix)  # /orders
    app.include_router(orders_of_users, prefix=prefix)  # /users/{id}/orders
    app.include_router(calculations, prefix=prefix)  # /calculate-price
    app.include_router(catalog, prefix=prefix)  # /services /materials /coefficients /locations /machines …
    app.include_router(catalog_versions, prefix=prefix)  # /admin/catalog/versions
    app.include_router(trials, prefix=prefix)  # /admin/catalog/versions/{id}/dry-run
    app.include_router(bulk, prefix=prefix)  # /files/delete /files/archive.zip, before /files/{id}
    app.include_router(files, prefix=prefix)  # /files
    app.include_router(imports, prefix=prefix)  # /files/import
    app.include_router(pictures, prefix=prefix)  # /files/{id}/preview /model.glb /events
    app.include_router(redrawing, prefix=prefix)  # /admin/files
    app.include_router(files_of_users, prefix=prefix)  # /users/{id}/files
    app.include_router(documents, prefix=prefix)  # /documents
    app.include_router(documents_of_users, prefix=prefix)  # /users/{id}/documents
    app.include_router(uploads, prefix=prefix)  # /uploads
    app.include_router(users, prefix=prefix)  # /register /profile
    app.include_router(administration, prefix=prefix)  # /users
    app.include_router(background, prefix=prefix)  # /admin/jobs
    app.include_router(audit, prefix=prefix)  # /admin/audit
    app.include_router(keys, prefix=prefix)  # /api-keys /auth/check
    app.include_router(auth, prefix=prefix)  # /login /refresh /logout /password/change
