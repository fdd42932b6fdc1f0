"""What ties a signature or photo to the one thing it proves: a hash over item, run, time and content."""

import hashlib
from datetime import datetime


def binding(*, item: str, run: str, at: datetime, content: bytes) -> str:
    """Return the hash (SHA-256, hex) that stands in the event; the same picture for another item has another one."""
    parts = (item, run, at.isoformat(), hashlib.sha256(content).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
