"""What is worked on before it becomes part of the catalogue: drafts of versions, and files sent to be imported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from postal.domain.procedures import ProcedureVersion
from postal.domain.refusals import Refused
from postal.store import codec
from postal.store.tables import table_of
from postal.store.tables_reference import CatalogueUploadRow, ProcedureDraftRow

MOST_NAMED = 256
"""So many characters of a file's name are kept."""

_DRAFT = table_of(ProcedureDraftRow)
_UPLOAD = table_of(CatalogueUploadRow)


class Decided(StrEnum):
    """What became of a draft."""

    OPEN = "open"
    PUBLISHED = "published"
    DROPPED = "dropped"


class UnknownDraft(Refused):
    """There is no such draft, or no such file."""

    code = "unknown_draft"
    vi = "Không có bản soạn hay tệp này. Mở lại danh sách đang soạn để chọn."
    en = "There is no such draft or file. Choose one from the list of drafts."


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A version somebody works on; `base_version` is the one it follows, 0 for a procedure that is new."""

    id: str
    base_version: int
    version: ProcedureVersion
    decided: Decided
    drafted_by: str
    drafted_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    published_version: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file somebody sent to be imported, as it came."""

    id: str
    name: str
    content: bytes
    sent_by: str
    sent_at: datetime
    applied_by: str = ""
    applied_at: datetime | None = None


class Drafts:
    """Drafts and files inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def put(self, draft_id: str, version: ProcedureVersion, *, base_version: int, account: str) -> Draft:
        """Keep a draft, in the stead of what it said before."""
        values = {
            "code": version.code,
            "base_version": base_version,
            "state": codec.dumps(version),
            "drafted_by": account,
            "drafted_at": self._at,
            "decided": Decided.OPEN.value,
        }
        if self._connection.execute(update(_DRAFT).where(_DRAFT.c.id == draft_id).values(**values)).rowcount == 0:
            fresh = {"id": draft_id, "decided_by": "", "published_version": 0, **values}
            self._connection.execute(insert(_DRAFT).values(**fresh))
        return self.draft(draft_id)

    def decide(self, draft_id: str, decided: Decided, *, account: str, version: int = 0) -> bool:
        """Write what became of an open draft; return False when somebody decided before."""
        still_open = and_(_DRAFT.c.id == draft_id, _DRAFT.c.decided == Decided.OPEN.value)
        values = {"decided": decided.value, "decided_by": account, "decided_at": self._at}
        done = self._connection.execute(update(_DRAFT).where(still_open).values(published_version=version, **values))
        return done.rowcount == 1

    def draft(self, draft_id: str) -> Draft:
        """Return a draft. Raises: UnknownDraft."""
        row = self._connection.execute(select(_DRAFT).where(_DRAFT.c.id == draft_id)).first()
        if row is None:
            raise UnknownDraft
        return _draft(row)

    def open(self, *, code: str = "") -> list[Draft]:
        """Return the drafts that wait, of one procedure or of all, the newest first."""
        wanted = _DRAFT.c.decided == Decided.OPEN.value
        wanted = and_(wanted, _DRAFT.c.code == code) if code else wanted
        query = select(_DRAFT).where(wanted).order_by(_DRAFT.c.drafted_at.desc(), _DRAFT.c.id)
        return [_draft(row) for row in self._connection.execute(query)]

    def put_upload(self, upload_id: str, *, name: str, content: bytes, account: str) -> None:
        """Keep a file as it came."""
        values = {"name": name[:MOST_NAMED], "content": content, "sent_by": account, "sent_at": self._at}
        self._connection.execute(insert(_UPLOAD).values(id=upload_id, applied_by="", **values))

    def upload(self, upload_id: str) -> Upload:
        """Return a file. Raises: UnknownDraft."""
        row = self._connection.execute(select(_UPLOAD).where(_UPLOAD.c.id == upload_id)).first()
        if row is None:
            raise UnknownDraft
        return Upload(
            id=row.id,
            name=row.name,
            content=row.content,
            sent_by=row.sent_by,
            sent_at=row.sent_at,
            applied_by=row.applied_by,
            applied_at=row.applied_at,
        )

    def applied(self, upload_id: str, *, account: str) -> bool:
        """Write that a file is applied; return False when somebody did that before."""
        waiting = and_(_UPLOAD.c.id == upload_id, _UPLOAD.c.applied_at.is_(None))
        values = {"applied_by": account, "applied_at": self._at}
        return self._connection.execute(update(_UPLOAD).where(waiting).values(**values)).rowcount == 1

    def uploads(self, *, most: int = 20) -> Sequence[Row[Any]]:
        """Return who sent which files, the newest first, without their content."""
        columns = [column for column in _UPLOAD.c if column.name != "content"]
        return self._connection.execute(select(*columns).order_by(_UPLOAD.c.sent_at.desc()).limit(most)).all()


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        base_version=row.base_version,
        version=codec.loads(row.state, ProcedureVersion),
        decided=Decided(row.decided),
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        published_version=row.published_version,
    )
