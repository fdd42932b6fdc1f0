"""Applications that share their routes: FastAPI examines every route of a new application, 0.1 s for each test."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from fastapi.routing import APIRouter

from postal.settings import Settings
from postal.store import Store
from postal.web.app import make_app

_ROUTES: dict[str, APIRouter] = {}


def app(store: Store, settings: Settings, *, clock: Callable[[], datetime]) -> FastAPI:
    """Return a new application, of which only the routes, which know neither store nor settings, were there before."""
    made = make_app(store, settings, clock=clock)
    made.router = _ROUTES.setdefault("kept", made.router)
    return made
