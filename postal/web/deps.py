"""What pages ask for: the store, the settings, the time, chance, and who is signed in with which permission."""

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData

from postal.domain import permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.scanning import ShelfUnreachable
from postal.services import accounts, audit, devices
from postal.services.shelving import Shelf
from postal.settings import Settings
from postal.store import Store
from postal.store.devices import Device
from postal.web import security

Below = Callable[[int], int]


class NotSignedIn(Exception):
    """Nobody is signed in; the browser is sent to the sign-in page and comes back to `next_path`."""

    def __init__(self, next_path: str) -> None:
        self.next_path = next_path
        super().__init__(next_path)


def get_store(request: Request) -> Store:
    """Return the store of the application."""
    store: Store = request.app.state.store
    return store


def get_settings(request: Request) -> Settings:
    """Return the settings of the application."""
    settings: Settings = request.app.state.settings
    return settings


def get_now(request: Request) -> datetime:
    """Return the time; this door reads the clock once a request. Tests set `app.state.clock`."""
    clock: Callable[[], datetime] = request.app.state.clock
    return clock()


def get_shelf(request: Request) -> Shelf:
    """Return where files outside the database lie. Raises: ShelfUnreachable when there is no such place."""
    shelf: Shelf | None = request.app.state.shelf
    if shelf is None:
        raise ShelfUnreachable(why="POSTAL_FILES")
    return shelf


def get_below() -> Below:
    """Return the random source for codes and secrets."""
    return secrets.randbelow


def clock() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


StoreDep = Annotated[Store, Depends(get_store)]
ShelfDep = Annotated[Shelf, Depends(get_shelf)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
Now = Annotated[datetime, Depends(get_now)]
Chance = Annotated[Below, Depends(get_below)]


def get_actor(
    request: Request, store: StoreDep, now: Now, _own: Annotated[None, Depends(security.must_be_own)]
) -> Actor:
    """Return who is signed in; an unsafe request must come from our own page. Raises: NotSignedIn, ForgedRequest."""
    token = security.session_token(request)
    actor = accounts.signed_in(store, token, at=now) if token else None
    if actor is None:
        raise NotSignedIn(request.url.path)
    device = get_device(request, store, now)
    known = replace(actor, device=device.code) if device is not None else actor
    request.state.actor = known
    return known


def get_device(request: Request, store: StoreDep, now: Now) -> Device | None:
    """Return the machine that proves itself, also a revoked one; None for one that nobody enrolled."""
    if not hasattr(request.state, "device"):
        credential = security.device_credential(request)
        request.state.device = devices.proven(store, credential, at=now) if credential else None
    found: Device | None = request.state.device
    return found


async def get_typed(request: Request) -> dict[str, str]:
    """Return the text fields of a form as typed, without the spaces around them; files are not among them."""
    form = await request.form()
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


async def get_posted(request: Request) -> AsyncIterator[FormData]:
    """Give a whole form, with fields that come several times and files, and close the files in the end."""
    async with request.form() as form:
        yield form


SignedIn = Annotated[Actor, Depends(get_actor)]
DeviceDep = Annotated[Device | None, Depends(get_device)]
Posted = Annotated[FormData, Depends(get_posted)]
Typed = Annotated[dict[str, str], Depends(get_typed)]


class Acting:
    """A dependency that gives the actor if one of his roles has the permission; a test reads `permission`.

    Raises, when called: Forbidden, NotSignedIn, ForgedRequest.
    """

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, actor: SignedIn) -> Actor:
        """Return the actor, or refuse."""
        permissions.require(actor, self.permission)
        return actor


def acting(permission: Permission) -> Any:
    """Return the dependency for a permission: `actor: Annotated[Actor, acting(Permission.REGISTER)]`."""
    return Depends(Acting(permission))


def note_view(store: Store, *, actor: Actor, subject: str, what: str, at: datetime) -> None:
    """Write the audit line that every view of personal data leaves."""
    audit.note(store, account=actor.account, place=actor.place, what=what, subject=subject, at=at)
