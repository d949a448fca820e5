"""The same engine over HTTP: `uvicorn cachecost_api:app`."""

from .app import app, create_app

__all__ = ["app", "create_app"]
