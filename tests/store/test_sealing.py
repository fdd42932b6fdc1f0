"""Personal data at rest opens only in its place, with its key; and none of it can be read in the raw files."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.people import Person
from postal.services import accounts
from postal.store import Store
from postal.store.registers import Receipt
from postal.store.sealing import Sealer
from postal.store.tables import PersonRow, table_of
from tests import cast, databases
from tests.cast import monday

KEY = "a master key that is long enough for tests"


def sealer(key: str = KEY, *, seed: int = 0) -> Sealer:
    """Return a sealer whose random numbers repeat themselves."""
    return Sealer(key, token_bytes=random.Random(seed).randbytes)


@given(st.binary(max_size=300), st.text(max_size=30))
def test_what_was_sealed_opens_at_its_place(plain: bytes, place: str) -> None:
    one = sealer()
    assert one.open(one.seal(plain, place=place), place=place) == plain


def test_a_sealed_value_does_not_open_at_another_place() -> None:
    one = sealer()
    sealed = one.seal(b"0912 345 678", place="person|7K2M49RTBQ|sender")
    with pytest.raises(InvalidTag):
        one.open(sealed, place="person|222222222X|sender")


def test_a_sealed_value_does_not_open_with_another_key() -> None:
    sealed = sealer().seal(b"0912 345 678", place="p")
    with pytest.raises(InvalidTag):
        sealer("another master key, just as long as the first").open(sealed, place="p")


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_a_sealed_value_that_was_touched_does_not_open(where: int, change: int) -> None:
    one = sealer()
    sealed = bytearray(one.seal(b"0912 345 678", place="p"))
    sealed[where % len(sealed)] ^= change
    with pytest.raises(InvalidTag):
        one.open(bytes(sealed), place="p")


def test_the_same_value_sealed_twice_looks_different() -> None:
    one = sealer()
    assert one.seal(b"Nguyen", place="p") != one.seal(b"Nguyen", place="p")


def test_a_fingerprint_needs_the_key_and_tells_purposes_apart() -> None:
    one = sealer()
    assert one.index("phone", "+84912345678") == sealer(seed=1).index("phone", "+84912345678")
    assert one.index("phone", "+84912345678") != one.index("identity", "+84912345678")
    assert one.index("phone", "+84912345678") != sealer("another key").index("phone", "+84912345678")
    assert one.index("phone", "") == b""


# --- nothing personal in the raw files --------------------------------------------------------------------------------

SECRETS = {
    "name": "Nguyễn Thị Chim Hoàng Yến",
    "number": "049199001234",
    "phone": "+84987654321",
    "address": "K77/12 ngõ Hoàng Yến",
    "text": "Bà Hoàng Yến quên giấy khai sinh ở nhà",
    "proof": "chữ ký của bà Hoàng Yến",
    "secret": "T" * 29,
    "pin": "918273",
    "signer": "Ông Hoàng Yến Oanh",
    "password": "hoàng yến hót trên cành cao",
    "token": "a session token with a yellow bird in it",
}


def _keep_everything(store: Store) -> None:
    """Write each secret into every register that takes it."""
    person = Person(
        name=SECRETS["name"],
        identity_number=SECRETS["number"],
        phone=SECRETS["phone"],
        address=SECRETS["address"],
        birth="19910203",
        email="yen@hoangyen.example",
    )
    with store.begin(at=monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
        ledger.begin(Item, cast.ITEM, cast.registered())
        ledger.people.put(cast.DOSSIER, "sender", person)
        ledger.texts.put(cast.DOSSIER, SECRETS["text"])
        ledger.texts.put(cast.RECORD, SECRETS["signer"])
        ledger.files.put(cast.DOSSIER, media_type="image/png", content=SECRETS["proof"].encode())
        ledger.receipts.put(
            Receipt(dossier=cast.DOSSIER, serial=1, secret=SECRETS["secret"], pin=SECRETS["pin"], revoked_at=None)
        )
        ledger.notices.owe(cast.DOSSIER, fact="pin", to=SECRETS["phone"], text=f"Ma PIN {SECRETS['pin']}")
        ledger.accounts.open_session(SECRETS["token"], account="lan", device="")
    accounts.create(store, cast.account_of(cast.lan), password=SECRETS["password"], at=monday)


def _needles() -> dict[str, bytes]:
    birds = {"bird": "Hoàng Yến", "email": "hoangyen.example", "birth": "19910203"}
    return {name: value.encode() for name, value in {**SECRETS, **birds}.items()}


def _seen_in(raw: bytes) -> list[str]:
    return [name for name, needle in _needles().items() if needle in raw]


@databases.ON_SQLITE
def test_no_personal_data_can_be_read_in_the_files_of_sqlite(store: Store, database_url: str) -> None:
    _keep_everything(store)
    path = Path(database_url.removeprefix("sqlite:///"))
    files = {each.name: each.read_bytes() for each in path.parent.glob(f"{path.name}*")}
    assert len(b"".join(files.values())) > 100_000
    assert b"Trung t\xc3\xa2m Ph\xe1\xbb\xa5c v\xe1\xbb\xa5" in b"".join(files.values()), "the files were not written"
    assert {name: _seen_in(raw) for name, raw in files.items() if _seen_in(raw)} == {}


@databases.ON_POSTGRESQL
def test_no_personal_data_can_be_read_in_any_column_of_postgresql(store: Store, database_url: str) -> None:
    _keep_everything(store)
    cells = list(_cells(database_url))
    assert b"Trung t\xc3\xa2m Ph\xe1\xbb\xa5c v\xe1\xbb\xa5" in b"\n".join(cells), "the tables are empty"
    assert _seen_in(b"\n".join(cells)) == []


def _cells(url: str) -> Iterator[bytes]:
    """Return every value of every table as bytes."""
    with psycopg.connect(re.sub(r"\+psycopg", "", url)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}".encode()):
                yield from (bytes(cell) if isinstance(cell, bytes) else str(cell).encode() for cell in row)


@databases.ON_SQLITE
def test_what_was_erased_is_gone_from_the_file_with_its_key(store: Store, database_url: str) -> None:
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", cast.khanh)
    with store.read() as reader:
        sealed = bytes(reader.scalar(select(table_of(PersonRow).c.sealed)))
    with store.begin(at=monday) as ledger:
        ledger.people.erase(cast.DOSSIER)
    store.close()
    raw = Path(database_url.removeprefix("sqlite:///")).read_bytes()
    wrapped_key, body = sealed[:60], sealed[60:]
    assert wrapped_key not in raw
    assert body not in raw


def test_a_row_that_was_moved_does_not_open(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", cast.khanh)
    table = table_of(PersonRow)
    with store.database.writing() as connection:
        connection.execute(text("UPDATE person SET part = 'subject'"))
    with store.read() as reader, pytest.raises(InvalidTag):
        reader.people.of([cast.DOSSIER])
    with store.database.writing() as connection:
        connection.execute(delete(table))


def test_with_another_master_key_nothing_opens_and_nobody_is_found(store: Store, database_url: str) -> None:
    with store.begin(at=monday) as ledger:
        ledger.people.put(cast.DOSSIER, "sender", cast.khanh)
    stranger = Store.open(database_url, secret_key="a master key that somebody guessed for himself")
    try:
        with stranger.read() as reader:
            assert reader.people.find(identity=cast.khanh.identity_number) == []
            with pytest.raises(InvalidTag):
                reader.people.of([cast.DOSSIER])
    finally:
        stranger.close()
