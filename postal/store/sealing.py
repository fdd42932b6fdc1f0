"""Personal data at rest: AES-256-GCM with a key of its own per row, wrapped by the master key; keyed look-up indexes.

Erasing a row erases its key. The place of a value (table and row) is authenticated: moved to another row it does not
open.
"""

import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NONCE = 12
KEY = 32
_TAG = 16
WRAPPED = NONCE + KEY + _TAG
"""Bytes at the front of a sealed value that are its key; without them the rest is noise."""


class Sealer:
    """Seals and opens values under one master key. `token_bytes(n)` is the random source."""

    def __init__(self, secret_key: str, *, token_bytes: Callable[[int], bytes]) -> None:
        self._token_bytes = token_bytes
        self._wrapping = AESGCM(_derive(secret_key, "wrap"))
        self._index_key = _derive(secret_key, "index")
        self._device_key = _device_key(secret_key)

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
        wrap_nonce, wrapped = sealed[:NONCE], sealed[NONCE:WRAPPED]
        key = self._wrapping.decrypt(wrap_nonce, wrapped, aad)
        nonce, body = sealed[WRAPPED : WRAPPED + NONCE], sealed[WRAPPED + NONCE :]
        return AESGCM(key).decrypt(nonce, body, aad)

    @property
    def public_key(self) -> bytes:
        """Return the point of P-256, uncompressed, to which devices seal what they must not be able to read again."""
        return self._device_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open_from_device(self, *, point: bytes, nonce: bytes, data: bytes, about: str) -> bytes:
        """Return what a device sealed to `public_key`; `point` is its own key of this one time, `about` the subject.

        ECDH over P-256, HKDF-SHA-256 with `point` as salt, AES-256-GCM with `about` authenticated.

        Raises: ValueError for a point that is none, cryptography.exceptions.InvalidTag.
        """
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = self._device_key.exchange(ec.ECDH(), theirs)
        key = HKDF(algorithm=SHA256(), length=KEY, salt=point, info=b"postal device form").derive(shared)
        return AESGCM(key).decrypt(nonce, data, about.encode())

    def index(self, purpose: str, value: str) -> bytes:
        """Return a keyed fingerprint for look-up; empty for an empty value, so that blanks never match."""
        if not value:
            return b""
        return hmac.digest(self._index_key, f"{purpose}\0{value}".encode(), hashlib.sha256)


_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the group of P-256 (SEC 2): a private key is a number from 1 to one below it."""


def _device_key(secret_key: str) -> ec.EllipticCurvePrivateKey:
    """Return the key of the forms of devices, made of the master key like every other; 384 bits leave no bias."""
    drawn = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"postal device key").derive(secret_key.encode())
    return ec.derive_private_key(int.from_bytes(drawn) % (_ORDER - 1) + 1, ec.SECP256R1())


def _derive(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=f"postal {purpose}".encode()).derive(
        secret_key.encode()
    )
