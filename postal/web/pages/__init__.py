"""Pages: HTML in Vietnamese. A page translates: form to service, query to template, nothing else."""

import importlib
import pkgutil

from fastapi import APIRouter

LAST = "citizen"
"""The citizen's page answers `/{secret}`, so it is asked after every other page."""


def routers() -> list[APIRouter]:
    """Return the router of every page module in this package, the citizen's last."""
    names = sorted((info.name for info in pkgutil.iter_modules(__path__)), key=lambda name: (name == LAST, name))
    return [importlib.import_module(f"{__name__}.{name}").router for name in names]
