"""Drafts of the catalogue: what each would change, and what the form of a change begins with."""

from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import catalogue_change, permissions
from postal.domain.catalogue_change import Difference
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.procedures import ProcedureVersion
from postal.queries import receivers
from postal.store import Store
from postal.store.drafts import Decided, Draft, Upload

SentFile = Upload
"""A file as it came, by the name pages know it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftLine:
    """A draft in the list."""

    id: str
    code: str
    name: str
    drafted_by: str
    drafted_at: datetime
    begins: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftPage:
    """A draft beside the version it would follow."""

    draft: Draft
    is_open: bool
    begins: date | None
    basis: str
    changes: tuple[Difference, ...]
    drafted_by: str
    old: ProcedureVersion | None


def draft_page(store: Store, draft_id: str, *, actor: Actor) -> DraftPage:
    """Return a draft and what it would change. Raises: Forbidden, UnknownDraft."""
    permissions.require(actor, Permission.MANAGE_CATALOGUE)
    with store.read() as reader:
        found = reader.drafts.draft(draft_id)
        versions = reader.reference.versions(found.version.code)
        names = receivers.names_of(reader, {found.drafted_by})
    old = next((version for version in versions if version.version == found.base_version), None)
    return DraftPage(
        draft=found,
        is_open=found.decided is Decided.OPEN,
        begins=found.version.valid_from,
        basis=found.version.basis,
        changes=catalogue_change.differences(old, found.version) if old else (),
        drafted_by=names.get(found.drafted_by, found.drafted_by),
        old=old,
    )


def drafts(store: Store, *, actor: Actor) -> tuple[DraftLine, ...]:
    """Return the drafts that wait, the newest first. Raises: Forbidden."""
    permissions.require(actor, Permission.MANAGE_CATALOGUE)
    with store.read() as reader:
        waiting = reader.drafts.open()
        names = receivers.names_of(reader, {draft.drafted_by for draft in waiting})
    return tuple(
        DraftLine(
            id=draft.id,
            code=draft.version.code,
            name=draft.version.name,
            drafted_by=names.get(draft.drafted_by, draft.drafted_by),
            drafted_at=draft.drafted_at,
            begins=draft.version.valid_from,
        )
        for draft in waiting
    )


def open_draft(store: Store, code: str) -> str:
    """Return the id of a procedure's open draft, empty for none."""
    with store.read() as reader:
        return next((draft.id for draft in reader.drafts.open(code=code)), "")


def to_edit(store: Store, code: str, *, actor: Actor) -> ProcedureVersion | None:
    """Return what the form of a change begins with: the open draft, or the newest version; None for a new procedure.

    Raises: Forbidden.
    """
    permissions.require(actor, Permission.MANAGE_CATALOGUE)
    with store.read() as reader:
        waiting = reader.drafts.open(code=code)
        versions = reader.reference.versions(code)
    if waiting:
        return waiting[0].version
    return versions[-1] if versions else None


def upload(store: Store, upload_id: str, *, actor: Actor) -> Upload:
    """Return a file that was sent to be imported. Raises: Forbidden, UnknownDraft."""
    permissions.require(actor, Permission.MANAGE_CATALOGUE)
    with store.read() as reader:
        return reader.drafts.upload(upload_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadLine:
    """A file in the list of those that were sent."""

    id: str
    name: str
    sent_by: str
    sent_at: datetime
    applied_at: datetime | None


def uploads(store: Store, *, actor: Actor) -> tuple[UploadLine, ...]:
    """Return the files that were sent, the newest first. Raises: Forbidden."""
    permissions.require(actor, Permission.MANAGE_CATALOGUE)
    with store.read() as reader:
        sent = reader.drafts.uploads()
        names = receivers.names_of(reader, {row.sent_by for row in sent})
    return tuple(
        UploadLine(
            id=row.id,
            name=row.name,
            sent_by=names.get(row.sent_by, row.sent_by),
            sent_at=row.sent_at,
            applied_at=row.applied_at,
        )
        for row in sent
    )
