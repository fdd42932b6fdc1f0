"""A device that writes down what is done on it while nobody hears it, and sends it later."""

import base64
import hashlib
import json
import random
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from postal.domain import facts
from postal.domain.people import Actor
from postal.services import entries
from postal.services.entries import Batch
from postal.services.facts import Answer
from postal.store import Store
from postal.store.devices import Blank, Device
from tests import cast
from tests.cast import monday

below = cast.below(seed=23)
PHOTO = b"a photo of the receiver's signature"
SHA = hashlib.sha256(b"what the phone has").hexdigest()
FORM = {
    "service": "both",
    "procedure": cast.PROCEDURE,
    "sender_kind": "identity",
    "sender_number": "049205000137",
    "sender_name": "Nguyễn Văn Khánh",
    "sender_phone": "0912345678",
    "sender_address": "12 Trần Phú, tổ 7",
    "sender_commune": "20242",
    "papers": [{"name": "Tờ khai", "originals": "1"}],
    "why_incomplete": "Khách nộp bổ sung sau",
    "seal": "881245",
    "postage": "30.000",
    "postage_basis": "Giá cước niêm yết tại bưu cục",
    "payment": "cash",
    "return_way": "home",
}


class Phone:
    """A device that writes down what is done on it, in its own count."""

    def __init__(self, owner: Actor, *, seed: int = 1, device: Device | None = None) -> None:
        self.owner = owner if device is None else replace(owner, device=device.code)
        self.device = device
        self.draw = random.Random(seed)
        self.lines: list[dict[str, Any]] = []

    def did(self, kind: str, *, when: datetime = monday, photo: bool = False, **fields: Any) -> dict[str, Any]:
        """Write down a whole act."""
        photos = [{"name": "photo", "sha256": SHA}] if photo else []
        return self._line(kind, when, fields=fields, photos=photos)

    def saw(self, kind: str, code: str, *, when: datetime = monday, **more: Any) -> dict[str, Any]:
        """Write down a fact."""
        return self._line(kind, when, item=code, **more)

    def send(self, store: Store, *lines: object, at: datetime, sent_at: datetime | None = None) -> list[Answer]:
        """Send some lines, or all of them."""
        read = [facts.read(line) for line in lines or self.lines]
        batch = Batch(lines=read, sent_at=sent_at, device=self.device)
        return entries.record(store, batch, by=self.owner, at=at, below=below)

    def _line(self, kind: str, when: datetime, **more: Any) -> dict[str, Any]:
        number = self.draw.randbytes(16).hex()
        line = {"id": number, "kind": kind, "device_seq": len(self.lines) + 1, "occurred_at": when.isoformat(), **more}
        self.lines.append(line)
        return line


def sealed(store: Store, form: dict[str, Any], *, about: str) -> dict[str, str]:
    """Seal a form as the browser does."""
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), store.public_key)
    shared = own.exchange(ec.ECDH(), theirs)
    key = HKDF(algorithm=SHA256(), length=32, salt=point, info=b"postal device form").derive(shared)
    nonce = bytes(12)
    data = AESGCM(key).encrypt(nonce, json.dumps(form).encode(), about.encode())
    parts = {"point": point, "iv": nonce, "data": data}
    return {name: base64.b64encode(value).decode() for name, value in parts.items()}


def register(store: Store, phone: Phone, blank: Blank, *, when: datetime = monday, **other: Any) -> dict[str, Any]:
    form = sealed(store, {**FORM, **other}, about=blank.code)
    return phone.did("registered", when=when, dossier=blank.code, item=blank.item, sealed=form)
