"""The audit trail: who looked at what, who changed what."""

from collections.abc import Sequence
from datetime import datetime

from postal.domain import codes
from postal.store import Store

MOST_NAMED = 8
"""So many dossiers a line names; the detail of a line is short."""


def note_search(
    store: Store, *, by: str, searched: str, found: Sequence[str], account: str, place: str, at: datetime
) -> None:
    """Write that somebody looked a citizen up, hit or miss; what was searched for stays as a keyed print alone."""
    with store.begin(at=at) as ledger:
        named = ", ".join(codes.shown(code) for code in found[:MOST_NAMED])
        ledger.audit.note(
            account=account,
            place=place,
            what="citizen_looked_up",
            subject=found[0] if len(found) == 1 else "",
            detail=f"tìm theo {by} (dấu {ledger.audit.print_of(searched)}): "
            + (f"{len(found)} hồ sơ ({named})" if found else "không thấy"),
        )


def note(store: Store, *, account: str, place: str, what: str, subject: str, at: datetime, detail: str = "") -> None:
    """Write one line of the audit trail."""
    with store.begin(at=at) as ledger:
        ledger.audit.note(account=account, place=place, what=what, subject=subject, detail=detail)
