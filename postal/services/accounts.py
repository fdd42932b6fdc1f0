"""Accounts, signing in, and who is acting."""

import functools
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from postal.domain import permissions
from postal.domain.people import Account, Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import shift
from postal.store import Ledger, Store

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SHORTEST_PASSWORD = 12

_passwords = PasswordHash((Argon2Hasher(),))


class WrongSignIn(Refused):
    """The name or the password is wrong; which one is not said."""

    code = "wrong_sign_in"
    vi = "Tên đăng nhập hoặc mật khẩu chưa đúng. Gõ lại, hoặc nhờ quản trị đặt lại mật khẩu."
    en = "The user name or the password is not right."


class WeakPassword(Refused):
    """A password is too short to keep."""

    code = "weak_password"
    vi = "Mật khẩu phải có ít nhất {shortest} ký tự. Đang có {length}. Dùng một câu dễ nhớ, có dấu cách cũng được."
    en = "A password has at least {shortest} characters; this one has {length}."


class UnknownAccount(Refused):
    """Nobody has this user name."""

    code = "unknown_account"
    vi = "Chưa có tài khoản {username}. Xem lại tên, hoặc nhờ quản trị tạo tài khoản."
    en = "There is no account {username}."


def create(store: Store, account: Account, *, password: str, at: datetime, by: Actor | None = None) -> None:
    """Keep an account; `by` is None for the first one, made at the terminal. Raises: WeakPassword, Forbidden."""
    _must_manage(by)
    hashed = hash_password(password)
    with store.begin(at=at) as ledger:
        ledger.accounts.put(account, password_hash=hashed)
        _note(ledger, "account_saved", username=account.username, by=by)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password. Raises: WeakPassword."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(shortest=SHORTEST_PASSWORD, length=len(password))
    return _passwords.hash(password)


def set_password(store: Store, username: str, *, password: str, at: datetime, by: Actor | None = None) -> None:
    """Change a password and end the account's sessions. Raises: WeakPassword, UnknownAccount, Forbidden."""
    _must_manage(by)
    hashed = hash_password(password)
    with store.begin(at=at) as ledger:
        if ledger.accounts.get(username) is None:
            raise UnknownAccount(username=username)
        ledger.accounts.set_password(username, password_hash=hashed)
        _note(ledger, "password_set", username=username, by=by)


def set_active(store: Store, username: str, *, is_active: bool, at: datetime, by: Actor | None = None) -> None:
    """Enable or disable an account; a disabled one is out at once. Raises: UnknownAccount, Forbidden."""
    _must_manage(by)
    with store.begin(at=at) as ledger:
        if ledger.accounts.get(username) is None:
            raise UnknownAccount(username=username)
        ledger.accounts.set_active(username, is_active=is_active)
        _note(ledger, "account_enabled" if is_active else "account_disabled", username=username, by=by)


def check_password(store: Store, username: str, *, password: str, device: str) -> Actor:
    """Return who this is. The time taken does not tell whether the name exists.

    Raises: WrongSignIn.
    """
    with store.read() as reader:
        hashed = reader.accounts.password_hash(username)
    if not _passwords.verify(password, hashed or _nobodys_hash()) or hashed is None:
        raise WrongSignIn
    return _actor(store, username, device=device)


def sign_in(store: Store, username: str, *, password: str, device: str, token: str, at: datetime) -> Actor:
    """Open a session under `token`, and take the positions of the account that nobody holds. Raises: WrongSignIn."""
    actor = check_password(store, username, password=password, device=device)
    with store.begin(at=at) as ledger:
        ledger.accounts.open_session(token, account=username, device=device)
        account = ledger.accounts.get(username)
    if account is not None:
        shift.take_free_positions(store, entitled=account.entitled, by=actor, at=at)
    return _actor(store, username, device=device)


def signed_in(store: Store, token: str, *, at: datetime) -> Actor | None:
    """Return who a token stands for, or None when it is unknown, idle for too long, too old, or disabled."""
    with store.read() as reader:
        session = reader.accounts.session(token)
    if session is None or at - session.seen_at > IDLE or at - session.created_at > LONGEST:
        return None
    if at - session.seen_at > timedelta(minutes=1):
        with store.begin(at=at) as ledger:
            ledger.accounts.touch_session(token)
    try:
        return _actor(store, session.account, device=session.device)
    except WrongSignIn:  # disabled a moment ago
        return None


def sign_out(store: Store, token: str, *, at: datetime) -> None:
    """End a session."""
    with store.begin(at=at) as ledger:
        ledger.accounts.close_session(token)


def actor(store: Store, username: str, *, device: str = "") -> Actor:
    """Return an account as somebody acting, for the terminal and for programs. Raises: UnknownAccount."""
    with store.read() as reader:
        if reader.accounts.get(username) is None:
            raise UnknownAccount(username=username)
    return _actor(store, username, device=device)


def _actor(store: Store, username: str, *, device: str) -> Actor:
    with store.read() as reader:
        account = reader.accounts.get(username)
        positions = reader.positions_of(username)
    if account is None or not account.is_active:
        raise WrongSignIn
    return Actor(
        account=username,
        name=account.name,
        place=account.place,
        roles=account.roles,
        positions=frozenset(positions),
        device=device,
    )


@functools.cache
def _nobodys_hash() -> str:
    """Return what an unknown name is checked against, so that it takes as long as a known one."""
    return _passwords.hash("a password that no account has", salt=bytes(16))


def _note(ledger: Ledger, what: str, *, username: str, by: Actor | None) -> None:
    """Write down who changed an account; nobody signed in means somebody at the terminal."""
    account, place = (by.account, by.place) if by else ("terminal", "")
    ledger.audit.note(account=account, place=place, what=what, subject=username)


def _must_manage(by: Actor | None) -> None:
    if by is not None:
        permissions.require(by, Permission.MANAGE_ACCOUNTS)
