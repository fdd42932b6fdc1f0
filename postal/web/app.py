"""The only wiring: settings, store, pages, API, errors and what stands in front of them."""

from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from postal.services.shelving import Shelf
from postal.settings import Settings
from postal.store import Store
from postal.web import deps, errors, security
from postal.web.api import routers as api_routers
from postal.web.pages import routers as page_routers

STATIC = Path(__file__).resolve().parent / "static"
LEAFLET = Path(str(metadata.distribution("XStatic-Leaflet").locate_file("xstatic/pkg/leaflet/data")))
"""Leaflet's own files; the package around them is never imported."""


def make_app(
    store: Store, settings: Settings, *, clock: Callable[[], datetime] = deps.clock, shelf: Shelf | None = None
) -> FastAPI:
    """Return the web application over a store. `clock` gives the time; tests fix it. Without a shelf nobody scans."""
    app = FastAPI(
        title="Hồ sơ qua bưu chính",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        telemetry={"logs": False},
    )
    app.state.store = store
    app.state.settings = settings
    app.state.clock = clock
    app.state.shelf = shelf
    app.add_middleware(security.BodyLimit)  # inside the next one, which would hide its refusal in a group of errors
    app.middleware("http")(security.add_headers)
    security.hide_secrets_in_logs()
    errors.install(app)
    app.mount("/static/vendor/leaflet", GZipMiddleware(StaticFiles(directory=LEAFLET)), name="leaflet")
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)), name="static")
    for router in (*page_routers(), *api_routers()):
        app.include_router(router)
    return app
