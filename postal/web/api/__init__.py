"""The JSON API: the same services and queries as the pages, for programs. Errors are problem+json (RFC 9457)."""

import importlib
import pkgutil

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """Return the router of every module in this package."""
    return [importlib.import_module(f"{__name__}.{info.name}").router for info in pkgutil.iter_modules(__path__)]
