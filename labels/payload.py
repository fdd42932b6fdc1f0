"""What goes into a QR symbol: a code alone, or the address of a receipt; nothing about people, papers or routes.

Everything is upper case, because a QR symbol in alphanumeric mode packs two symbols into eleven bits: the item code
fits version 1 and the address of a receipt version 3, so that the modules stay large.
"""

import re
from urllib.parse import urlsplit

ALPHABET = "23456789BCFGHJKMNPQRTVX"
"""The symbols of codes and secrets: no vowels and no letter that a Vietnamese keyboard turns into another."""

CODE_SYMBOLS = 10
SECRET_SYMBOLS = 29

_CODE = re.compile(rf"[{ALPHABET}]{{{CODE_SYMBOLS}}}")
_SECRET = re.compile(rf"[{ALPHABET}]{{{SECRET_SYMBOLS}}}")
# ISO/IEC 18004 table 5, without the space: a decoder may trim it.
_ALPHANUMERIC = re.compile(r"[0-9A-Z$%*+\-./:]+")
# ISO/IEC 18004 table 7: alphanumeric capacity at error correction level M, versions 1 to 5.
_CAPACITY_M = (20, 38, 61, 90, 122)


class Unprintable(ValueError):
    """A payload that no symbol of ours may carry; the message says which and why, without repeating a secret."""


def item_code(code: str) -> str:
    """Return a code as its symbol carries it: ten symbols, no hyphen.

    Raises: Unprintable.

    >>> item_code("7K2M4-9RTBQ")
    '7K2M49RTBQ'
    """
    bare = code.replace("-", "")
    if not _CODE.fullmatch(bare):
        raise Unprintable(f"{code!r} is not a code of {CODE_SYMBOLS} symbols of {ALPHABET}.")
    return bare


def shown(code: str) -> str:
    """Return a code as people read it: two groups of five.

    Raises: Unprintable.

    >>> shown("7K2M49RTBQ")
    '7K2M4-9RTBQ'
    """
    bare = item_code(code)
    return f"{bare[:5]}-{bare[5:]}"


def receipt_url(public_url: str, secret: str) -> str:
    """Return the address that the citizen's copy carries: `HTTPS://HOST/` and the 29 symbols of the secret.

    Raises: Unprintable, when the public address has more than scheme, host and port, or the secret is none.

    >>> receipt_url("https://hoso.example.vn", "7" * 29)
    'HTTPS://HOSO.EXAMPLE.VN/77777777777777777777777777777'
    """
    if not _SECRET.fullmatch(secret):
        raise Unprintable(f"The receipt secret is not {SECRET_SYMBOLS} symbols of {ALPHABET}.")
    return alphanumeric(f"{_origin(public_url).upper()}/{secret}")


def host(public_url: str) -> str:
    """Return the part of the public address that people type.

    Raises: Unprintable.

    >>> host("https://hoso.example.vn/")
    'hoso.example.vn'
    """
    return _origin(public_url).partition("://")[2]


def alphanumeric(payload: str) -> str:
    """Return the payload unchanged if alphanumeric mode can carry it.

    Raises: Unprintable.
    """
    if not _ALPHANUMERIC.fullmatch(payload):
        raise Unprintable("Only 0-9, A-Z and $ % * + - . / : fit the alphanumeric mode of a QR symbol.")
    version(payload)
    return payload


def version(payload: str) -> int:
    """Return the smallest QR version that carries the payload at level M.

    Raises: Unprintable, beyond version 5, where modules become too small for the space on our pieces.

    >>> version("7K2M49RTBQ"), version("HTTPS://HOSO.EXAMPLE.VN/" + "7" * 29)
    (1, 3)
    """
    for number, capacity in enumerate(_CAPACITY_M, start=1):
        if len(payload) <= capacity:
            return number
    raise Unprintable(f"{len(payload)} symbols do not fit; a shorter host name is needed.")


def _origin(public_url: str) -> str:
    """Return scheme and host: a path would lose its lower case, a question or a name would be printed on paper."""
    parts = urlsplit(public_url.strip())
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise Unprintable(f"{public_url!r} is not an address of scheme and host alone, like https://hoso.example.vn.")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise Unprintable(f"{public_url!r} has more than scheme and host.")
    return f"{parts.scheme}://{parts.netloc.lower()}"
