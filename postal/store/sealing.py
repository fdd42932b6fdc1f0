"""Personal data at rest: AES-256-GCM with a key of its own per row, wrapped by the master key; keyed look-up indexes.

Erasing a row erases its key. The place of a value (table and row) is authenticated: moved to another row it does not
open.
"""

import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
KEY = 32
_TAG = 16
_WRAPPED = NONCE + KEY + _TAG


class Sealer:
    """Seals and opens values under one master key. `token_bytes(n)` is the random source."""

    def __init__(self, secret_key: str, *, token_bytes: Callable[[int], bytes]) -> None:
        self._token_bytes = token_bytes
        self._wrapping = AESGCM(_derive(secret_key, "wrap"))
        self._index_key = _derive(secret_key, "index")

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Return the wrapped row key followed by the sealed value."""
        key, nonce, wrap_nonce = (self._token_bytes(n) for n in (KEY, NONCE, NONCE))
        aad = place.encode()
        wrapped = wrap_nonce + self._wrapping.encrypt(wrap_nonce, key, aad)
        return wrapped + nonce + AESGCM(key).encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Return what was sealed at the same place.

        Raises: cryptography.exceptions.InvalidTag when value, place or master key is another than when it was sealed.
        """
        aad = place.encode()
        wrap_nonce, wrapped = sealed[:NONCE], sealed[NONCE:_WRAPPED]
        key = self._wrapping.decrypt(wrap_nonce, wrapped, aad)
        nonce, body = sealed[_WRAPPED : _WRAPPED + NONCE], sealed[_WRAPPED + NONCE :]
        return AESGCM(key).decrypt(nonce, body, aad)

    def index(self, purpose: str, value: str) -> bytes:
        """Return a keyed fingerprint for look-up; empty for an empty value, so that blanks never match."""
        if not value:
            return b""
        return hmac.digest(self._index_key, f"{purpose}\0{value}".encode(), hashlib.sha256)


def _derive(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=f"postal {purpose}".encode()).derive(
        secret_key.encode()
    )
