"""A dossier is closed when nothing is open any more: no envelope, no original, no đồng."""

from datetime import datetime

from postal.domain import closing, events, permissions
from postal.domain.dossier import Dossier
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.services import agency
from postal.store import Ledger, Store


def close(store: Store, code: str, *, by: Actor, at: datetime) -> Dossier:
    """Close a dossier of one's own office, desk or department.

    Raises: StillOpen with what is open, NotNow while the authority is at work, NotCompetent, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.CLOSE_DOSSIER)
    with store.begin(at=at) as ledger:
        dossier = ledger.lock_dossier(code)
        agency.must_take_part(ledger, dossier, by)
        return ledger.append(dossier, closing.close(dossier, ledger.items_of(code), by=by, at=at))


def close_if_done(ledger: Ledger, code: str, *, by: Actor, at: datetime) -> Dossier:
    """Close a dossier of which nothing is open any more, inside a transaction; else leave it as it is."""
    dossier = ledger.lock_dossier(code)
    if not closing.is_done(dossier, ledger.items_of(code)):
        return dossier
    return ledger.append(dossier, events.DossierClosed(by=by.as_author(), occurred_at=at))
