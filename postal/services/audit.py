"""The audit trail: who looked at what, who changed what."""

from datetime import datetime

from postal.store import Store


def note(store: Store, *, account: str, place: str, what: str, subject: str, at: datetime, detail: str = "") -> None:
    """Write one line of the audit trail."""
    with store.begin(at=at) as ledger:
        ledger.audit.note(account=account, place=place, what=what, subject=subject, detail=detail)
