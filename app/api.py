"""Every feature's routes, one line each, in the order of the floors."""

from fastapi import APIRouter

from app.auth.router import router as auth
from app.calculations.router import router as calculations
from app.catalog.router import router as catalog
from app.files.router import router as files
from app.orders.router import router as orders
from app.users.router import router as users

api = APIRouter(prefix="/api/v1")
api.include_router(orders)  # /orders
api.include_router(calculations)  # /calculate-price
api.include_router(catalog)  # /services /materials /coefficients /locations /machines /processes
api.include_router(files)  # /files
api.include_router(users)  # /register /profile
api.include_router(auth)  # /login /refresh /logout /password/change
