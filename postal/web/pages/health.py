"""Is it alive, is it ready, which version: for whoever watches the machine."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from postal.queries import health
from postal.web.deps import StoreDep

router = APIRouter(include_in_schema=False)


@router.get("/livez")
def livez() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(store: StoreDep) -> JSONResponse:
    """Say whether the database answers and its tables are as new as the code; 503 if not."""
    checks = health.checks(store)
    is_ready = all(checks.values())
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JSONResponse(body, status_code=200 if is_ready else 503)


@router.get("/version")
def version(request: Request) -> dict[str, str]:
    """Say which version runs."""
    return {"version": request.app.version}
