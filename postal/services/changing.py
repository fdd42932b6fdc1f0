"""Changing a procedure: drafted, looked at on last month's dossiers, then published as the next version."""

from dataclasses import replace
from datetime import datetime

from postal.domain import calendars, catalogue_change, permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.procedures import NationalEntry, ProcedureVersion
from postal.domain.refusals import Refused
from postal.store import Ledger, Store
from postal.store.drafts import Decided, Draft


class DraftDecided(Refused):
    """A draft is published or dropped once."""

    code = "draft_decided"
    vi = "Bản soạn này đã công bố hoặc đã bỏ. Mở trang thủ tục để xem phiên bản mới nhất."
    en = "This draft was published or dropped before. Open the procedure to see its newest version."


class VersionSince(Refused):
    """Somebody published another version after the draft was begun."""

    code = "version_since"
    vi = "Từ khi soạn đã có phiên bản {newest} của {procedure}. Mở bản soạn, xem khác biệt rồi lưu lại."
    en = "Version {newest} of {procedure} came after this draft was begun. Open the draft, compare, save again."


class EmptyFile(Refused):
    """Nothing was sent."""

    code = "empty_file"
    vi = "Chưa chọn tệp. Chọn tệp CSV hoặc XLSX rồi gửi lại."
    en = "No file was chosen. Choose a CSV or XLSX file and send it again."


def draft(store: Store, version: ProcedureVersion, *, draft_id: str, by: Actor, at: datetime) -> Draft:
    """Keep what the next version of a procedure shall say; a procedure has one open draft, `draft_id` names a new one.

    Raises: Forbidden, and what `catalogue_change.following` raises.
    """
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        old = _newest(ledger, version.code)
        said = _with_national(old, _with_words(old, version))
        _checked(old, said, at=at)
        waiting = ledger.drafts.open(code=version.code)
        known = waiting[0].id if waiting else draft_id
        return ledger.drafts.put(known, said, base_version=old.version if old else 0, account=by.account)


def publish(store: Store, draft_id: str, *, by: Actor, at: datetime) -> ProcedureVersion:
    """Make a draft the next version; the one before it gets its last day and keeps its dossiers.

    Raises: Forbidden, UnknownDraft, DraftDecided, VersionSince, and what `catalogue_change.following` raises.
    """
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        ledger.reference.hold_procedures()
        waiting = ledger.drafts.draft(draft_id)
        old = _newest(ledger, waiting.version.code)
        if waiting.decided is not Decided.OPEN:
            raise DraftDecided
        if (old.version if old else 0) != waiting.base_version:
            raise VersionSince(newest=old.version if old else 0, procedure=waiting.version.code)
        closed, new = _checked(old, waiting.version, at=at)
        if not ledger.drafts.decide(draft_id, Decided.PUBLISHED, account=by.account, version=new.version):
            raise DraftDecided
        ledger.reference.close_procedures([closed] if closed else [])
        ledger.reference.add_procedures([new])
        _note(ledger, by, "procedure_published", new, f"phiên bản {new.version}, {catalogue_change.span(new)}")
        return new


def drop(store: Store, draft_id: str, *, by: Actor, at: datetime) -> Draft:
    """Give a draft up; it stays readable. Raises: Forbidden, UnknownDraft, DraftDecided."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    with store.begin(at=at) as ledger:
        waiting = ledger.drafts.draft(draft_id)
        if not ledger.drafts.decide(draft_id, Decided.DROPPED, account=by.account):
            raise DraftDecided
        _note(ledger, by, "procedure_draft_dropped", waiting.version, f"soạn từ phiên bản {waiting.base_version}")
        return waiting


def keep_upload(store: Store, upload_id: str, *, name: str, content: bytes, by: Actor, at: datetime) -> None:
    """Keep a file as it came, to be looked at before it is imported. Raises: Forbidden, EmptyFile."""
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    if not content:
        raise EmptyFile
    with store.begin(at=at) as ledger:
        ledger.drafts.put_upload(upload_id, name=name, content=content, account=by.account)


def _newest(ledger: Ledger, code: str) -> ProcedureVersion | None:
    versions = ledger.reference.versions(code)
    return versions[-1] if versions else None


def _checked(
    old: ProcedureVersion | None, new: ProcedureVersion, *, at: datetime
) -> tuple[ProcedureVersion | None, ProcedureVersion]:
    today = calendars.local(at).date()
    if old is not None:
        return catalogue_change.following(old, new, today=today)
    catalogue_change.must_begin(new, today=today)
    return None, replace(new, version=1)


def _with_words(old: ProcedureVersion | None, new: ProcedureVersion) -> ProcedureVersion:
    """Return a version whose words follow its limit, where they were those of the limit before."""
    if old is None or new.limit is None or new.limit == old.limit or new.limit_text != old.limit_text:
        return new
    return replace(new, limit_text=str(new.limit))


def _with_national(old: ProcedureVersion | None, new: ProcedureVersion) -> ProcedureVersion:
    """Return a version that keeps what the national list said, once the agency's own portal takes its place."""
    if old is None or old.agency_source or not new.agency_source or new.national is not None:
        return new
    limit = catalogue_change.SAME_DAY_RULE if old.same_day else str(old.limit or old.limit_text)
    return replace(
        new,
        national=NationalEntry(
            limit_text=limit,
            papers_text="; ".join(map(catalogue_change.paper_said, old.papers)),
            fee_text=catalogue_change.said(old, "fee") if old.fee is not None else "",
            source=old.basis,
        ),
    )


def _note(ledger: Ledger, by: Actor, what: str, version: ProcedureVersion, detail: str) -> None:
    ledger.audit.note(account=by.account, place=by.place, what=what, subject=version.code, detail=detail)
