"""Forgetting the people of a dossier by law: names, texts, photos, scans go with their keys; the ledger stays true."""

from dataclasses import dataclass
from datetime import datetime

from postal.domain import codes
from postal.domain.refusals import Refused
from postal.services import shelving
from postal.services.shelving import Shelf
from postal.store import Store


class StillOpen(Refused):
    """Who is forgotten now cannot be told what happens to his papers."""

    code = "not_over_yet"
    vi = "Hồ sơ {dossier} chưa xong nên chưa xóa được dữ liệu cá nhân. Đóng hồ sơ trước."
    en = "Dossier {dossier} is not over, so its personal data cannot be erased yet. Close it first."


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What was forgotten: how many files lay outside the database."""

    dossier: str
    files: int


def erase(store: Store, shelf: Shelf, code: str, *, account: str, at: datetime) -> Erased:
    """Forget people, texts, photos, scans and waiting pages of a dossier that is over.

    The keys go in the transaction; what lies outside opens no more from then on and is taken away after it.
    Raises: StillOpen, UnknownCode.
    """
    with store.begin(at=at) as ledger:
        if not ledger.dossier(code).is_over:
            raise StillOpen(dossier=codes.shown(code))
        ledger.people.erase(code)
        ledger.texts.erase(code)
        ledger.receipts.revoke(code)
        ledger.stacks.erase(code)
        blobs = ledger.files.erase(code)
        ledger.audit.note(
            account=account, place="", what="dossier_erased", subject=code, detail=f"{len(blobs)} tệp ngoài"
        )
    shelving.clear(shelf, blobs)
    return Erased(dossier=code, files=len(blobs))
