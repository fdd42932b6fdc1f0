"""Opening a dossier from outside: a typed code, a PIN, a secret. Every miss is one miss, and guessing a PIN ends."""

from datetime import datetime

from postal.domain import codes
from postal.domain.codes import Code, WrongCheckSymbol, WrongCode, WrongSecret, WrongSymbol
from postal.domain.refusals import Refused
from postal.queries import tracking
from postal.queries.tracking import Tracked
from postal.store import Store
from postal.web.security import Tries
from postal.web.words import WORDS

MOST_PIN_TRIES = 5
WAIT_SECONDS = 300


class TrackMissed(Refused):
    """Unknown code, wrong PIN, revoked or malformed secret: which one is not said."""

    code = "track_missed"
    vi, en = WORDS["missed"]


class TrackMistyped(Refused):
    """The code itself shows that a symbol is wrong; that tells nothing about what exists."""

    code = "track_mistyped"
    vi, en = WORDS["mistyped"]


_tries = Tries(most=MOST_PIN_TRIES, seconds=WAIT_SECONDS)
"""Wrong PINs by code, for codes that exist and codes that do not."""


def by_code(store: Store, typed: str, *, pin: str, hotline: str, at: datetime) -> Tracked:
    """Return what a typed code opens, with the PIN if one was typed.

    Raises: TrackMissed, TrackMistyped, TooManyTries.
    """
    code = _parsed(typed, hotline=hotline)
    bare = pin.replace(" ", "")
    if bare:
        _tries.take(code.text, hotline=hotline)
    found = tracking.by_code(store, code, pin=bare, at=at)
    if found is None:
        raise TrackMissed(hotline=hotline)
    if bare:
        _tries.forget(code.text)
    return found


def by_secret(store: Store, typed: str, *, hotline: str, at: datetime) -> Tracked:
    """Return what the secret of a citizen's copy opens, in upper or lower case. Raises: TrackMissed."""
    secret = codes.capitals(typed)
    try:
        codes.decode_secret(secret)
    except WrongSecret:
        raise TrackMissed(hotline=hotline) from None
    found = tracking.by_secret(store, secret, at=at)
    if found is None:
        raise TrackMissed(hotline=hotline)
    return found


def _parsed(typed: str, *, hotline: str) -> Code:
    try:
        return codes.parse(typed)
    except (WrongCheckSymbol, WrongSymbol):
        raise TrackMistyped from None
    except WrongCode:
        raise TrackMissed(hotline=hotline) from None
