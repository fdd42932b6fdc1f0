"""Pictures for proof: a scribble for a signature, a sheet with two of them for a signed record. Small PNG files."""

import random
import struct
import zlib

MEDIA_TYPE = "image/png"
_PAPER, _INK, _LINE = 255, 40, 200


def signature(chance: random.Random) -> bytes:
    """Return the picture of a signature that is nobody's."""
    rows = _sheet(width=240, height=80)
    _scribble(rows, chance, left=20, top=40, length=180)
    return _png(rows)


def signed_sheet(chance: random.Random) -> bytes:
    """Return the picture of a printed record with two signatures under it."""
    rows = _sheet(width=320, height=420)
    for top in range(40, 300, 20):
        rows[top][30:290] = bytes([_LINE]) * 260
    _scribble(rows, chance, left=40, top=360, length=90)
    _scribble(rows, chance, left=190, top=360, length=90)
    return _png(rows)


def _sheet(*, width: int, height: int) -> list[bytearray]:
    return [bytearray([_PAPER]) * width for _ in range(height)]


def _scribble(rows: list[bytearray], chance: random.Random, *, left: int, top: int, length: int) -> None:
    at = top
    for x in range(left, left + length):
        at = min(len(rows) - 4, max(top - 30, at + chance.randrange(-4, 5)))
        for y in range(at, at + 3):
            rows[y][x] = _INK


def _png(rows: list[bytearray]) -> bytes:
    """Return an eight-bit grey picture (PNG specification, ISO/IEC 15948)."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 6)
    chunks = (b"IHDR", header), (b"IDAT", body), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
