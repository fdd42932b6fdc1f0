"""What is kept beside the ledger: people, texts, files, receipts, accounts, sign-ins, notices, the audit trail.

Personal data is sealed on the way in and opened on the way out; nothing here is part of the ledger.
"""

import hashlib
import json
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from postal.domain.cash import InTill
from postal.domain.events import MoneyLedger
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Account, Author, Person, Role
from postal.domain.refusals import Refused
from postal.domain.search import fold
from postal.store import driver
from postal.store.devices import Blanks, Devices, Entries
from postal.store.door_points import DoorPoints
from postal.store.drafts import Drafts
from postal.store.driver import Question
from postal.store.learned import LearnedFigures
from postal.store.policies import Policies
from postal.store.reference import Reference
from postal.store.register_books import RegisterBooks
from postal.store.rounds import Rounds
from postal.store.sealing import WRAPPED, Sealer
from postal.store.solving import Solvings
from postal.store.stacks import Stacks
from postal.store.tables import (
    AccountRow,
    AuditRow,
    FileRow,
    NoticeRow,
    PersonRow,
    PostingRow,
    QuarantineRow,
    ReceiptRow,
    RequestRow,
    SecretTextRow,
    SessionRow,
    SheetRow,
    table_of,
)
from postal.store.tariffs import Tariffs
from postal.store.weeks import Weeks


class RequestMismatch(Refused):
    """A request number was used for something else."""

    code = "idempotency_mismatch"
    vi = "Mã yêu cầu {request} đã dùng cho một nội dung khác. Mở biểu mẫu mới rồi gửi lại."
    en = "Request {request} was already used for something else. Open a fresh form and send it again."


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """A session that is open."""

    account: str
    device: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a citizen's copy opens the door with: the secret for its QR, the PIN, and which print it was."""

    dossier: str
    serial: int
    secret: str
    pin: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A message owed: which fact, by which channel (sms, mail), to which address, in which words.

    `about` is the item or run it speaks of, empty for the dossier itself.
    """

    id: str
    dossier: str
    fact: str
    to: str
    text: str
    channel: str = "sms"
    about: str = ""
    tries: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A photo or signature, opened."""

    id: str
    dossier: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedFile:
    """A file as it is kept. `blob` names what lies outside, `sealed` is then its key alone; else `sealed` is all of it.

    `body` is what has to be laid outside; it is empty once it was.
    """

    id: str
    dossier: str
    media_type: str
    size: int
    sealed: bytes
    blob: str = ""
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A line of a device in quarantine: its number if it had one, the fingerprint of its content, and the doubt.

    `sent_at` is what the device's clock said when it sent.
    """

    id: bytes | None
    fingerprint: bytes
    reason: str
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptAside:
    """A line in quarantine with everything around it, for the controller of `place`: open, admitted or closed."""

    fingerprint: bytes
    event_id: str
    account: str
    place: str
    device: str
    reason: str
    at: datetime
    sent_at: datetime | None
    content: str
    state: str
    settled_at: datetime | None
    settled_by: str
    note: str


@dataclass(frozen=True)
class Transaction:
    """What every register needs of the transaction it works in. `at` is when it is recorded."""

    connection: Connection
    at: datetime
    sealer: Sealer
    token_bytes: Callable[[int], bytes]


class _Register:
    def __init__(self, transaction: Transaction) -> None:
        self.connection = transaction.connection
        self.at = transaction.at
        self.sealer = transaction.sealer
        self.token_bytes = transaction.token_bytes


class People(_Register):
    """The people of dossiers. `part` is sender, subject or receiver."""

    def put(self, dossier: str, part: str, person: Person) -> None:
        """Keep a person of a dossier, sealed; an earlier one of the same part is replaced."""
        table = table_of(PersonRow)
        place = f"person|{dossier}|{part}"
        self.connection.execute(delete(table).where(table.c.dossier == dossier, table.c.part == part))
        self.connection.execute(
            insert(table).values(
                dossier=dossier,
                part=part,
                sealed=self.sealer.seal(_to_json(asdict(person)), place=place),
                identity_index=self.sealer.index("identity", person.proves_by),
                phone_index=self.sealer.index("phone", person.phone),
                name_index=self.sealer.index("name", fold(person.name)),
            )
        )

    def of(self, dossiers: Sequence[str]) -> dict[tuple[str, str], Person]:
        """Return the people of dossiers by (dossier, part); erased ones are absent."""
        table = table_of(PersonRow)
        query = select(table.c.dossier, table.c.part, table.c.sealed).where(table.c.dossier.in_(dossiers))
        return {
            (row.dossier, row.part): Person(
                **json.loads(self.sealer.open(row.sealed, place=f"person|{row.dossier}|{row.part}"))
            )
            for row in self.connection.execute(query)
        }

    def find(self, *, identity: str = "", phone: str = "", name: str = "") -> list[str]:
        """Return the dossiers of somebody, newest code order left to the caller; blanks match nobody."""
        table = table_of(PersonRow)
        wanted = [
            table.c[f"{purpose}_index"] == self.sealer.index(purpose, value)
            for purpose, value in (("identity", identity), ("phone", phone), ("name", fold(name)))
            if value
        ]
        if not wanted:
            return []
        return sorted(set(self.connection.execute(select(table.c.dossier).where(*wanted)).scalars()))

    def erase(self, dossier: str) -> None:
        """Forget everybody of a dossier; the ledger stays true."""
        table = table_of(PersonRow)
        self.connection.execute(delete(table).where(table.c.dossier == dossier))


class Texts(_Register):
    """Free texts that may name people; an event keeps only the id."""

    def put(self, dossier: str, text: str) -> str:
        """Keep a text sealed and return its id; an empty text has the empty id."""
        if not text:
            return ""
        text_id = self.token_bytes(16).hex()
        sealed = self.sealer.seal(text.encode(), place=f"secret_text|{text_id}")
        self.connection.execute(insert(table_of(SecretTextRow)).values(id=text_id, dossier=dossier, sealed=sealed))
        return text_id

    def get(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts by id; erased ones are absent."""
        table = table_of(SecretTextRow)
        query = select(table.c.id, table.c.sealed).where(table.c.id.in_([i for i in ids if i]))
        return {
            row.id: self.sealer.open(row.sealed, place=f"secret_text|{row.id}").decode()
            for row in self.connection.execute(query)
        }

    def erase(self, dossier: str) -> None:
        """Forget every text of a dossier."""
        table = table_of(SecretTextRow)
        self.connection.execute(delete(table).where(table.c.dossier == dossier))


class Files(_Register):
    """Photos, signatures and scans, by a keyed digest of their content.

    Small ones lie in the row. Of a large one the row has the key, and the name under which the rest lies outside.
    """

    def put(self, dossier: str, *, media_type: str, content: bytes) -> str:
        """Keep a file sealed and return its id; the same content twice for one dossier is one file."""
        whole = sealed_file(self.sealer, content, media_type=media_type, dossier=dossier, is_outside=False)
        self.add([whole])
        return whole.id

    def add(self, files: Sequence[SealedFile]) -> None:
        """Keep sealed files; one that is kept already stays as it is."""
        table = table_of(FileRow)
        known = self._known([each.id for each in files])
        new = {each.id: each for each in files if each.id not in known}
        for each in new.values():
            self.connection.execute(
                insert(table).values(
                    id=each.id,
                    dossier=each.dossier,
                    media_type=each.media_type,
                    size=each.size,
                    sealed=each.sealed,
                    blob=each.blob,
                    at=self.at,
                )
            )

    def put_picture(self, of: SealedFile, *, media_type: str, content: bytes) -> str:
        """Keep a small picture of a file sealed in the database and return its id."""
        small = sealed_file(
            self.sealer, content, media_type=media_type, dossier=of.dossier, is_outside=False, owner=f"picture {of.id}"
        )
        self.add([small])
        return small.id

    def put_sent(self, account: str, digest: str, *, media_type: str, content: bytes) -> None:
        """Keep a picture that a device sent before anybody knows which dossier it belongs to."""
        file_id = self._sent_id(account, digest)
        self.connection.execute(
            insert(table_of(FileRow)).values(
                id=file_id,
                dossier="",
                media_type=media_type,
                size=len(content),
                sealed=self.sealer.seal(content, place=f"file|{file_id}"),
                blob="",
                at=self.at,
            )
        )

    def sent(self, account: str, digest: str) -> StoredFile | None:
        """Return a picture that an account sent, by the digest of what its device has."""
        return self.get(self._sent_id(account, digest))

    def forget_sent(self, *, before: datetime, but: Collection[tuple[str, str]]) -> int:
        """Forget the pictures that devices sent before a time and return how many; `but` are (account, digest)."""
        table = table_of(FileRow)
        wanted = {self._sent_id(account, digest) for account, digest in but}
        shown = select(table_of(SheetRow).c.picture)  # small pictures of held pages belong to no dossier either
        old = (table.c.dossier == "") & (table.c.blob == "") & (table.c.at < before) & table.c.id.not_in(shown)
        gone = [each for each in self.connection.execute(select(table.c.id).where(old)).scalars() if each not in wanted]
        self.remove(gone)
        return len(gone)

    def _sent_id(self, account: str, digest: str) -> str:
        return self.sealer.index(f"sent file {account}", digest).hex()

    def get(self, file_id: str) -> StoredFile | None:
        """Return a file of the database opened, or None if it was erased or never was."""
        found = self.kept(file_id)
        return opened_file(self.sealer, found, b"") if found is not None and not found.blob else None

    def kept(self, file_id: str) -> SealedFile | None:
        """Return a file as it is kept, wherever the rest of it lies, or None if it was erased or never was."""
        return next(iter(self.kept_all([file_id])), None)

    def kept_all(self, ids: Collection[str]) -> list[SealedFile]:
        """Return files as they are kept; unknown ones are absent."""
        table = table_of(FileRow)
        rows = self.connection.execute(select(table).where(table.c.id.in_(sorted(ids)))).mappings()
        return [SealedFile(**{name: value for name, value in row.items() if name != "at"}) for row in rows]

    def of_content(self, dossier: str, digest: str) -> SealedFile | None:
        """Return the file of a dossier whose content has a SHA-256, in hex."""
        return self.kept(_file_id(self.sealer, dossier, digest))

    def move(self, ids: Collection[str], *, dossier: str) -> None:
        """Let files belong to a dossier, so that they are erased with it."""
        table = table_of(FileRow)
        self.connection.execute(update(table).where(table.c.id.in_(sorted(ids))).values(dossier=dossier))

    def remove(self, ids: Collection[str]) -> list[str]:
        """Forget files with their keys and return the names of what lies outside and opens no more."""
        return self._removed(table_of(FileRow).c.id.in_(sorted(ids)))

    def erase(self, dossier: str) -> list[str]:
        """Forget every file of a dossier and return the names of what lies outside and opens no more."""
        return self._removed(table_of(FileRow).c.dossier == dossier)

    def in_use(self, blobs: Collection[str]) -> set[str]:
        """Return which names of the outside some file still has."""
        table = table_of(FileRow)
        return set(self.connection.execute(select(table.c.blob).where(table.c.blob.in_(sorted(blobs)))).scalars())

    def _known(self, ids: Collection[str]) -> set[str]:
        table = table_of(FileRow)
        return set(self.connection.execute(select(table.c.id).where(table.c.id.in_(sorted(ids)))).scalars())

    def _removed(self, which: ColumnElement[bool]) -> list[str]:
        table = table_of(FileRow)
        blobs = self.connection.execute(select(table.c.blob).where(which, table.c.blob != "")).scalars().all()
        self.connection.execute(delete(table).where(which))
        return list(blobs)


class Receipts(_Register):
    """The secrets of citizens' copies, looked up by keyed fingerprint."""

    def put(self, receipt: Receipt) -> None:
        """Keep a new secret and revoke every earlier one of the dossier."""
        self.revoke(receipt.dossier)
        place = f"receipt|{receipt.dossier}|{receipt.serial}"
        body = {"secret": receipt.secret, "pin": receipt.pin}
        self.connection.execute(
            insert(table_of(ReceiptRow)).values(
                lookup=self.sealer.index("receipt", receipt.secret),
                dossier=receipt.dossier,
                serial=receipt.serial,
                sealed=self.sealer.seal(_to_json(body), place=place),
                revoked_at=None,
            )
        )

    def revoke(self, dossier: str) -> None:
        """Make every secret of a dossier open nothing from now on."""
        table = table_of(ReceiptRow)
        alive = (table.c.dossier == dossier) & table.c.revoked_at.is_(None)
        self.connection.execute(update(table).where(alive).values(revoked_at=self.at))

    def current(self, dossier: str) -> Receipt | None:
        """Return the secret that opens a dossier now."""
        table = table_of(ReceiptRow)
        query = select(table).where(table.c.dossier == dossier, table.c.revoked_at.is_(None))
        row = self.connection.execute(query).first()
        if row is None:
            return None
        body = json.loads(self.sealer.open(row.sealed, place=f"receipt|{row.dossier}|{row.serial}"))
        return Receipt(dossier=row.dossier, serial=row.serial, secret=body["secret"], pin=body["pin"])

    def dossier_of(self, secret: str) -> str | None:
        """Return the dossier a secret opens now, or None; unknown and revoked are the same miss."""
        table = table_of(ReceiptRow)
        query = select(table.c.dossier).where(
            table.c.lookup == self.sealer.index("receipt", secret), table.c.revoked_at.is_(None)
        )
        return self.connection.execute(query).scalars().first()


class Accounts(_Register):
    """Who may sign in."""

    def put(self, account: Account, *, password_hash: str) -> None:
        """Keep an account, replacing an earlier one of the same name and ending its sessions."""
        table = table_of(AccountRow)
        self.end_sessions(account.username)
        self.connection.execute(delete(table).where(table.c.username == account.username))
        self.connection.execute(insert(table).values(**_account_values(account), password_hash=password_hash))

    def get(self, username: str) -> Account | None:
        """Return an account, or None."""
        row = self._row(username)
        return None if row is None else _account(row)

    def password_hash(self, username: str) -> str | None:
        """Return the hash to check a password against, None for nobody or a disabled account."""
        row = self._row(username)
        return str(row["password_hash"]) if row is not None and row["is_active"] else None

    def set_password(self, username: str, *, password_hash: str) -> None:
        """Change the password and end every session of the account."""
        table = table_of(AccountRow)
        self.connection.execute(update(table).where(table.c.username == username).values(password_hash=password_hash))
        self.end_sessions(username)

    def set_active(self, username: str, *, is_active: bool) -> None:
        """Enable or disable an account; disabling ends its sessions at once."""
        table = table_of(AccountRow)
        self.connection.execute(update(table).where(table.c.username == username).values(is_active=is_active))
        if not is_active:
            self.end_sessions(username)

    def all(self) -> list[Account]:
        """Return every account by name."""
        table = table_of(AccountRow)
        query = select(table).order_by(table.c.username)
        return [_account(row) for row in self.connection.execute(query).mappings()]

    def names(self) -> dict[str, str]:
        """Return what each account is called, by username."""
        table = table_of(AccountRow)
        return dict(iter(self.connection.execute(select(table.c.username, table.c.name))))

    def open_session(self, token: str, *, account: str, device: str) -> None:
        """Keep a sign-in by the digest of its token."""
        self.connection.execute(
            insert(table_of(SessionRow)).values(
                digest=digest(token), account=account, device=device, created_at=self.at, seen_at=self.at
            )
        )

    def session(self, token: str) -> SignIn | None:
        """Return the sign-in of a token, or None."""
        table = table_of(SessionRow)
        row = self.connection.execute(select(table).where(table.c.digest == digest(token))).first()
        if row is None:
            return None
        return SignIn(account=row.account, device=row.device, created_at=row.created_at, seen_at=row.seen_at)

    def touch_session(self, token: str) -> None:
        """Say that a sign-in was used now."""
        table = table_of(SessionRow)
        self.connection.execute(update(table).where(table.c.digest == digest(token)).values(seen_at=self.at))

    def close_session(self, token: str) -> None:
        """End one sign-in."""
        table = table_of(SessionRow)
        self.connection.execute(delete(table).where(table.c.digest == digest(token)))

    def end_sessions(self, username: str) -> None:
        """End every sign-in of an account."""
        table = table_of(SessionRow)
        self.connection.execute(delete(table).where(table.c.account == username))

    def end_sessions_on(self, device: str) -> None:
        """End every sign-in on a device."""
        table = table_of(SessionRow)
        self.connection.execute(delete(table).where(table.c.device == device))

    def _row(self, username: str) -> RowMapping | None:
        table = table_of(AccountRow)
        return self.connection.execute(select(table).where(table.c.username == username)).mappings().first()


_INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Both can leave out what is there already; plain SQL cannot."""


class Notices(_Register):
    """The outbox: messages owed, written with the event that owes them."""

    def owe(
        self,
        dossier: str,
        *,
        fact: str,
        to: str,
        text: str,
        channel: str = "sms",
        about: str = "",
        not_before: datetime | None = None,
    ) -> None:
        """Owe a message about a fact; one message per fact and channel, never twice, whoever else owes it now."""
        notice_id = self.token_bytes(16).hex()
        body = self.sealer.seal(_to_json({"to": to, "text": text}), place=f"notice|{notice_id}")
        values = {
            "id": notice_id,
            "dossier": dossier,
            "fact": fact,
            "channel": channel,
            "about": about,
            "sealed": body,
            "state": "owed",
            "tries": 0,
            "next_try_at": not_before or self.at,
            "owed_at": self.at,
            "trouble": "",
        }
        statement = _INSERTS[self.connection.dialect.name](table_of(NoticeRow)).values(**values)
        self.connection.execute(statement.on_conflict_do_nothing(index_elements=["dossier", "fact", "channel"]))

    def due(
        self, *, limit: int, channels: Collection[str] = ("sms", "mail"), beginning: Sequence[str] = ("",)
    ) -> list[Notice]:
        """Return messages whose next try has come, oldest first: of some channels, and facts that begin so."""
        table = table_of(NoticeRow)
        query = (
            select(table)
            .where(table.c.state == "owed", table.c.next_try_at <= self.at, table.c.channel.in_(sorted(channels)))
            .where(or_(*(table.c.fact.startswith(each, autoescape=True) for each in beginning)))
            .order_by(table.c.next_try_at, table.c.id)
            .limit(limit)
        )
        return [self._opened(row) for row in self.connection.execute(query).mappings()]

    def get(self, notice_id: str) -> Notice | None:
        """Return a message by its number, or None."""
        table = table_of(NoticeRow)
        row = self.connection.execute(select(table).where(table.c.id == notice_id)).mappings().first()
        return None if row is None else self._opened(row)

    def facts_of(self, dossiers: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return every fact that dossiers were ever told or are owed, by dossier."""
        table = table_of(NoticeRow)
        found: dict[str, set[str]] = {dossier: set() for dossier in dossiers}
        query = select(table.c.dossier, table.c.fact).where(table.c.dossier.in_(dossiers))
        for row in self.connection.execute(query):
            found[row.dossier].add(row.fact)
        return {dossier: frozenset(facts) for dossier, facts in found.items()}

    def claim(self, notice: Notice, *, until: datetime) -> bool:
        """Take a message to send it; False when another worker was first (compare and swap on the number of tries)."""
        values = {"tries": notice.tries + 1, "next_try_at": until}
        return self._swap(notice.id, values, state="owed", tries=notice.tries)

    def settle(self, notice: Notice, *, state: str, next_try_at: datetime, trouble: str = "") -> bool:
        """Write how a claimed try ended: sent, owed (again), dropped (no longer true) or failed (a person must look).

        `notice` is as it was before the claim. False when the claim ran out and another worker has it: its word counts.
        """
        sent_at = self.at if state == "sent" else None
        values = {"state": state, "next_try_at": next_try_at, "sent_at": sent_at, "trouble": trouble[:128]}
        return self._swap(notice.id, values, state="owed", tries=notice.tries + 1)

    def decide(self, notice: Notice, *, state: str, trouble: str) -> bool:
        """Write what a person did about a message that failed; False when somebody else was first."""
        values = {"state": state, "next_try_at": self.at, "trouble": trouble[:128]}
        return self._swap(notice.id, values, state="failed", tries=notice.tries)

    def _swap(self, notice_id: str, values: dict[str, object], *, state: str, tries: int) -> bool:
        table = table_of(NoticeRow)
        as_seen = (table.c.id == notice_id) & (table.c.tries == tries) & (table.c.state == state)
        return self.connection.execute(update(table).where(as_seen).values(**values)).rowcount == 1

    def _opened(self, row: RowMapping) -> Notice:
        body = json.loads(self.sealer.open(row["sealed"], place=f"notice|{row['id']}"))
        plain = {name: row[name] for name in ("id", "dossier", "fact", "channel", "about", "tries")}
        return Notice(**plain, **body)


class Audit(_Register):
    """Who looked at what, and who changed accounts or catalogues."""

    def note(self, *, account: str, place: str, what: str, subject: str, detail: str = "") -> None:
        """Write one line."""
        self.connection.execute(
            insert(table_of(AuditRow)).values(
                at=self.at, account=account, place=place, what=what, subject=subject, detail=detail[:256]
            )
        )

    def print_of(self, searched: str) -> str:
        """Return a keyed print of what somebody searched for: the same search has the same one, and tells no name."""
        return self.sealer.index("searched", fold(searched) or "-").hex()[:16]


class Requests(_Register):
    """Requests that were carried out, by the number their sender gave them."""

    def answer(self, request: str, *, content: str) -> str | None:
        """Return what a request was answered with, None if it is new. Of its content only a keyed print is kept.

        Raises: RequestMismatch when the number was used with other content.
        """
        if not request:
            return None
        table = table_of(RequestRow)
        row = self.connection.execute(select(table).where(table.c.id == request)).first()
        if row is None:
            return None
        if row.fingerprint != self._print(content):
            raise RequestMismatch(request=request)
        return str(row.answer)

    def answered(self, request: str) -> str:
        """Return what a request was answered with, whatever it said; empty for a new one."""
        table = table_of(RequestRow)
        row = self.connection.execute(select(table.c.answer).where(table.c.id == request)).first() if request else None
        return str(row.answer) if row else ""

    def settle(self, request: str, *, content: str, answer: str) -> None:
        """Remember what a request was answered with.

        Raises: Overtaken when the same request is carried out elsewhere at this moment: asked again, it has its answer.
        """
        if not request:
            return
        values = {"id": request, "fingerprint": self._print(content), "answer": answer, "at": self.at}
        try:
            self.connection.execute(insert(table_of(RequestRow)).values(**values))
        except IntegrityError as error:
            raise Overtaken(thing=f"Yêu cầu {request}") from error

    def _print(self, content: str) -> str:
        return self.sealer.index("request", content or "-").hex()


class Quarantine(_Register):
    """What devices sent and nobody could take for a fact: kept sealed, never dropped, for a controller to look at."""

    def fingerprints(self, account: str, contents: Iterable[str]) -> list[bytes]:
        """Return the keyed digests of who sent what, in the order of the contents."""
        index = self.sealer.index
        return [index("fact", f"{account}\0{content}") for content in contents]

    def known(self, *, ids: Collection[bytes], fingerprints: Collection[bytes]) -> list[Kept]:
        """Return what is kept under some numbers or with some contents, oldest first."""
        return driver.ask(self.connection, self.which(ids=ids, fingerprints=fingerprints))

    def which(self, *, ids: Collection[bytes], fingerprints: Collection[bytes]) -> Question[list[Kept]]:
        """Ask for what `known` returns."""
        names, numbers = ("event_id", "fingerprint", "reason", "at"), [each.hex() for each in ids]
        wanted = {"event_id": numbers, "fingerprint": fingerprints}
        return driver.rows_among(self.connection, table_of(QuarantineRow), wanted, names=names, read=_kept)

    def keep_all(self, lines: Sequence[tuple[Kept, str]], *, by: Author) -> None:
        """Keep lines with what was sent. Raises: Overtaken when one of them is being kept elsewhere at this moment.

        Everybody inserts in the same order, so that two who keep the same lines do not wait for each other.
        """
        rows = [
            self._row(kept, content, by=by) for kept, content in sorted(lines, key=lambda line: line[0].fingerprint)
        ]
        if not rows:
            return
        try:
            self.connection.execute(insert(table_of(QuarantineRow)), rows)
        except IntegrityError as error:
            raise Overtaken(thing="Sự việc ngoại tuyến") from error

    def contents(self) -> list[str]:
        """Return everything that was sent and is kept, oldest first."""
        table = table_of(QuarantineRow)
        query = select(table.c.fingerprint, table.c.sealed).order_by(table.c.at, table.c.fingerprint)
        return [
            self.sealer.open(row.sealed, place=f"quarantine|{row.fingerprint.hex()}").decode()
            for row in self.connection.execute(query)
        ]

    def open_at(self, place: str | None) -> list[KeptAside]:
        """Return the lines that nobody has settled, of the people of a place or of all, oldest first."""
        table = table_of(QuarantineRow)
        query = select(table).where(table.c.state == "open").order_by(table.c.at, table.c.fingerprint)
        rows = self.connection.execute(query.where(table.c.place == place) if place is not None else query).mappings()
        return [self._opened(row) for row in rows]

    def get(self, fingerprint: bytes) -> KeptAside | None:
        """Return a line by its fingerprint, or None."""
        table = table_of(QuarantineRow)
        row = self.connection.execute(select(table).where(table.c.fingerprint == fingerprint)).mappings().first()
        return None if row is None else self._opened(row)

    def settle(self, fingerprint: bytes, *, state: str, note: str, by: str) -> bool:
        """Say that a line was admitted or closed; False when somebody was first."""
        table = table_of(QuarantineRow)
        waits = (table.c.fingerprint == fingerprint) & (table.c.state == "open")
        values = {"state": state, "note": note, "settled_by": by, "settled_at": self.at}
        return self.connection.execute(update(table).where(waits).values(**values)).rowcount == 1

    def _opened(self, row: RowMapping) -> KeptAside:
        content = self.sealer.open(row["sealed"], place=f"quarantine|{row['fingerprint'].hex()}").decode()
        return KeptAside(**{name: value for name, value in row.items() if name != "sealed"}, content=content)

    def _row(self, kept: Kept, content: str, *, by: Author) -> dict[str, object]:
        return {
            "state": "open",
            "sent_at": kept.sent_at,
            "settled_by": "",
            "note": "",
            "fingerprint": kept.fingerprint,
            "event_id": kept.id.hex() if kept.id else "",
            "account": by.account,
            "place": by.place,
            "device": by.device,
            "reason": kept.reason,
            "at": self.at,
            "sealed": self.sealer.seal(content.encode(), place=f"quarantine|{kept.fingerprint.hex()}"),
        }


class Books:
    """What every account has, summed from the lines that events wrote; nobody types a balance."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def lock(self, account: str) -> None:
        """Let nobody else take money out of an account until this transaction has ended.

        SQLite has one writer anyway. Take the lock first, before anything is written: two who wait for each other lose.
        """
        if self._connection.dialect.name == "postgresql":
            number = int.from_bytes(hashlib.sha256(account.encode()).digest()[:8], signed=True)
            self._connection.execute(select(func.pg_advisory_xact_lock(number)))

    def balance(self, account: str, ledger: MoneyLedger) -> int:
        """Return what an account has in a ledger, whole đồng."""
        table = table_of(PostingRow)
        mine = (table.c.account == account) & (table.c.ledger == ledger.value)
        return int(self._connection.execute(select(func.sum(table.c.amount)).where(mine)).scalar() or 0)

    def fees_by_dossier(self, account: str) -> dict[str, int]:
        """Return the fees an account has of each dossier, whole đồng; settled ones are absent."""
        table = table_of(PostingRow)
        total = func.sum(table.c.amount)
        query = (
            select(table.c.dossier, total)
            .where(table.c.account == account, table.c.ledger == MoneyLedger.FEES.value)
            .group_by(table.c.dossier)
            .having(total != 0)
            .order_by(table.c.dossier)
        )
        return {dossier: int(amount) for dossier, amount in self._connection.execute(query)}

    def in_till(self, account: str) -> InTill:
        """Return what lies in a till, or in the bank account of an office."""
        return InTill(postage=self.balance(account, MoneyLedger.POSTAGE), fees=self.fees_by_dossier(account))

    def of_dossier(self, dossier: str, ledger: MoneyLedger) -> dict[str, int]:
        """Return where the money of a dossier lies by account; postage is known only where it came in."""
        table = table_of(PostingRow)
        total = func.sum(table.c.amount)
        mine = (table.c.dossier == dossier) & (table.c.ledger == ledger.value)
        query = select(table.c.account, total).where(mine).group_by(table.c.account).having(total != 0)
        return {account: int(amount) for account, amount in self._connection.execute(query.order_by(table.c.account))}

    def totals(self, accounts: Collection[str] | None = None) -> dict[tuple[str, MoneyLedger], int]:
        """Return what accounts have, every one unless some are named, by (account, ledger); empty ones are absent."""
        table = table_of(PostingRow)
        total = func.sum(table.c.amount)
        query = select(table.c.account, table.c.ledger, total).group_by(table.c.account, table.c.ledger)
        if accounts is not None:
            query = query.where(table.c.account.in_(sorted(accounts)))
        found = self._connection.execute(query.having(total != 0))
        return {(account, MoneyLedger(ledger)): int(amount) for account, ledger, amount in found}


class Registers:
    """Every register of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self.at = transaction.at
        self.people = People(transaction)
        self.texts = Texts(transaction)
        self.files = Files(transaction)
        self.receipts = Receipts(transaction)
        self.accounts = Accounts(transaction)
        self.notices = Notices(transaction)
        self.audit = Audit(transaction)
        self.requests = Requests(transaction)
        self.quarantine = Quarantine(transaction)
        self.books = Books(transaction)
        self.points = DoorPoints(transaction.connection, at=transaction.at, sealer=transaction.sealer)
        self.stacks = Stacks(transaction.connection, at=transaction.at)
        self.devices = Devices(transaction.connection)
        self.entries = Entries(transaction.connection, sealer=transaction.sealer)
        self.blanks = Blanks(transaction.connection)
        self.reference = Reference(transaction.connection)
        self.rounds = Rounds(transaction.connection, at=transaction.at)
        self.solvings = Solvings(transaction.connection, at=transaction.at)
        self.weeks = Weeks(transaction.connection, at=transaction.at)
        self.learned = LearnedFigures(transaction.connection, at=transaction.at)
        self.policies = Policies(transaction.connection, at=transaction.at)
        self.register = RegisterBooks(transaction.connection, at=transaction.at)
        self.drafts = Drafts(transaction.connection, at=transaction.at)
        self.tariffs = Tariffs(transaction.connection)


def _kept(rows: Sequence[Any]) -> list[Kept]:
    return [
        Kept(id=bytes.fromhex(number) or None, fingerprint=fingerprint, reason=reason)
        for number, fingerprint, reason, _ in sorted(rows, key=operator.itemgetter(3, 1))
    ]


def sealed_file(
    sealer: Sealer, content: bytes, *, media_type: str, dossier: str, is_outside: bool, owner: str = ""
) -> SealedFile:
    """Seal a file of a dossier; `owner` stands in for the dossier of what may still change it."""
    file_id = _file_id(sealer, owner or dossier, hashlib.sha256(content).hexdigest())
    sealed = sealer.seal(content, place=f"file|{file_id}")
    file = SealedFile(id=file_id, dossier=dossier, media_type=media_type, size=len(content), sealed=sealed)
    if not is_outside:
        return file
    key, body = sealed[:WRAPPED], sealed[WRAPPED:]
    return replace(file, sealed=key, body=body, blob=hashlib.sha256(body).hexdigest())


def opened_file(sealer: Sealer, file: SealedFile, body: bytes) -> StoredFile:
    """Open a file with what lies outside. Raises: cryptography.exceptions.InvalidTag when that is another one."""
    content = sealer.open(file.sealed + body, place=f"file|{file.id}")
    return StoredFile(id=file.id, dossier=file.dossier, media_type=file.media_type, content=content)


def _file_id(sealer: Sealer, owner: str, digest: str) -> str:
    return sealer.index(f"file {owner}", digest).hex()


def digest(token: str) -> bytes:
    """Return what is kept of a session token."""
    return hashlib.sha256(token.encode()).digest()


def _to_json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _account_values(account: Account) -> dict[str, object]:
    return {
        "username": account.username,
        "name": account.name,
        "place": account.place,
        "roles": ",".join(sorted(role.value for role in account.roles)),
        "entitled": ",".join(account.entitled),
        "is_active": account.is_active,
        "is_demo": account.is_demo,
    }


def _account(row: RowMapping) -> Account:
    return Account(
        username=row["username"],
        name=row["name"],
        place=row["place"],
        roles=frozenset(Role(role) for role in row["roles"].split(",") if role),
        entitled=tuple(key for key in row["entitled"].split(",") if key),
        is_active=row["is_active"],
        is_demo=row["is_demo"],
    )
