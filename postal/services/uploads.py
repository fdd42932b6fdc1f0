"""Pictures that a device sends after the facts they prove: kept sealed under who sent them and their digest.

What a device did while it was offline names its pictures by the digest of what the device has; the picture itself may
come later, or first. It belongs to no dossier until the fact is carried out.
"""

from datetime import datetime

from postal.domain.people import Actor
from postal.store import Ledger, Store
from postal.store.registers import StoredFile


def is_kept(store: Store, digest: str, *, by: Actor) -> bool:
    """Tell whether somebody has sent this picture before."""
    with store.read() as reader:
        return reader.files.sent(by.account, digest) is not None


def keep(store: Store, digest: str, *, content: bytes, media_type: str, by: Actor, at: datetime) -> bool:
    """Keep a picture; return whether it is new. The same one again changes nothing.

    `digest` is the SHA-256 of what the device has, in hex; `content` is the picture as we keep it.
    """
    with store.begin(at=at) as ledger:
        if ledger.files.sent(by.account, digest) is not None:
            return False
        ledger.files.put_sent(by.account, digest, media_type=media_type, content=content)
        return True


def found(ledger: Ledger, digest: str, *, account: str) -> StoredFile | None:
    """Return a picture that an account has sent, None while it has not come."""
    return ledger.files.sent(account, digest)
