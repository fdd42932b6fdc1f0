"""What proves a visit: the picture and the place of the scan, kept sealed and tied by a hash to the one thing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import codes, proofs
from postal.domain.events import AttemptFailed, Delivered, InvitationLeft, PickupFailed, PickupMade
from postal.domain.proofs import Spot
from postal.store import Ledger, Reader, Store

Visit = Delivered | AttemptFailed | InvitationLeft | PickupMade | PickupFailed


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
    where = ledger.texts.put(dossier, proofs.written(proof.spot)) if proof.spot else ""
    if not proof.content:
        return Kept(where=where)
    return Kept(
        file=ledger.files.put(dossier, media_type=proof.media_type, content=proof.content),
        where=where,
        binding=proofs.binding(item=thing, run=run, at=at, content=proof.content),
    )


def swapped(store: Store, streams: Sequence[str]) -> list[str]:
    """Return in words which visits of items and pickups are not proven by the picture that is kept for them.

    The hash is computed again from the stored file; what was erased by law cannot be checked and is not named.
    """
    with store.read() as reader:
        return list(_swapped(reader, streams))


def _swapped(reader: Reader, streams: Sequence[str]) -> Iterator[str]:
    for stream, version, _, event in reader.events(streams):
        if isinstance(event, Visit) and event.binding and not _is_bound(reader, stream, event):
            yield f"{codes.shown(stream)} bước {version}: ảnh hoặc chữ ký không phải của lần này"


def _is_bound(reader: Reader, stream: str, event: Visit) -> bool:
    kept = reader.files.get(event.proof)
    if kept is None:
        return True
    again = proofs.binding(item=stream, run=event.run, at=event.occurred_at, content=kept.content)
    return again == event.binding
