"""What proves a visit: the picture and the place of the scan, kept sealed and tied by a hash to the one thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from postal.domain import codes, proofs
from postal.domain.events import AttemptFailed, Delivered, InvitationLeft, PickupFailed, PickupMade
from postal.domain.oracle import Fact
from postal.domain.proofs import Spot
from postal.store import Ledger, Reader, pinpointing

VISITS = tuple(kind.__name__ for kind in (Delivered, AttemptFailed, InvitationLeft, PickupMade, PickupFailed))
"""What a picture may prove."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A signature or photo as it came, and where the phone was, if it said so."""

    content: bytes = b""
    media_type: str = ""
    spot: Spot | None = None


NONE = Proof()


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What an event keeps of a proof: the number of the file, the number of the place's text, the hash over all."""

    file: str = ""
    where: str = ""
    binding: str = ""


def keep(ledger: Ledger, proof: Proof, *, dossier: str, thing: str, run: str, at: datetime) -> Kept:
    """Keep a proof sealed and bind it to an item or pickup; without a picture there is nothing to bind."""
    where = ledger.texts.put(dossier, _where(ledger, proof.spot, thing=thing, run=run)) if proof.spot else ""
    if not proof.content:
        return Kept(where=where)
    return Kept(
        file=ledger.files.put(dossier, media_type=proof.media_type, content=proof.content),
        where=where,
        binding=proofs.binding(item=thing, run=run, at=at, content=proof.content),
    )


def _where(ledger: Ledger, spot: Spot, *, thing: str, run: str) -> str:
    """Return where the phone was, and where the door was thought to be before this visit teaches more."""
    point = pinpointing.taught_point(ledger, ledger.run(run), thing) if run else None
    known = Spot(lat=point.lat, lon=point.lon, accuracy_m=point.accuracy_m) if point else None
    return proofs.written(spot, planned=known)


def swapped(reader: Reader) -> Iterator[str]:
    """Yield in words which visits are not proven by the picture that is kept for them.

    The hash is computed again from the stored file; what was erased by law cannot be checked and is not named.
    """
    for fact in list(reader.inspection.facts_as_recorded(VISITS)):
        if fact.data.get("binding") and not _is_bound(reader, fact):
            yield f"{codes.shown(fact.stream)} bước {fact.version}: ảnh hoặc chữ ký không phải của lần này"


def _is_bound(reader: Reader, fact: Fact) -> bool:
    kept = reader.files.get(str(fact.data.get("proof")))
    if kept is None:
        return True
    try:
        at = datetime.fromisoformat(str(fact.data.get("occurred_at")))
    except ValueError:  # somebody edited the event itself
        return False
    again = proofs.binding(item=fact.stream, run=str(fact.data.get("run")), at=at, content=kept.content)
    return again == str(fact.data["binding"])
