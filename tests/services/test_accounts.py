"""Signing in: a name and a password, a session that ends, positions taken; and who may change an account."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pwdlib import PasswordHash
from sqlalchemy import text

from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.services import accounts
from postal.store import Store
from tests import cast
from tests.cast import counter, hoa, lan, monday, thu

PASSWORD = "một câu dễ nhớ, có dấu cách"
TOKEN = "the token in the cookie"


@pytest.fixture
def with_lan(store: Store) -> Store:
    """Return a store in which Lan has an account."""
    accounts.create(store, cast.account_of(lan), password=PASSWORD, at=monday)
    return store


def sign_in(store: Store, *, password: str = PASSWORD, token: str = TOKEN) -> Actor:
    """Sign Lan in at nine."""
    return accounts.sign_in(store, "lan", password=password, device="M7K2M49RTB", token=token, at=monday)


def audited(store: Store) -> list[tuple[str, str, str]]:
    """Return who did what to whom."""
    with store.read() as reader:
        return [tuple(row) for row in reader.rows(text("SELECT account, what, subject FROM audit ORDER BY seq"))]


def test_who_signs_in_takes_her_free_position_and_acts_for_it(with_lan: Store) -> None:
    signed_in = sign_in(with_lan)
    assert (signed_in.account, signed_in.place, signed_in.roles) == ("lan", cast.OFFICE, lan.roles)
    assert signed_in.positions == {counter.key}
    assert accounts.signed_in(with_lan, TOKEN, at=monday) == signed_in


@pytest.mark.parametrize(("username", "password"), [("lan", "một câu khác hẳn"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(with_lan: Store, username: str, password: str) -> None:
    with pytest.raises(accounts.WrongSignIn) as refused:
        accounts.sign_in(with_lan, username, password=password, device="", token=TOKEN, at=monday)
    assert str(refused.value) == accounts.WrongSignIn.vi
    assert accounts.signed_in(with_lan, TOKEN, at=monday) is None


def test_a_password_is_not_kept_as_it_is(with_lan: Store) -> None:
    with with_lan.read() as reader:
        hashed = reader.accounts.password_hash("lan")
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed


def test_the_product_hashes_with_the_effort_that_argon2_recommends(product_passwords: PasswordHash) -> None:
    assert product_passwords.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("password", ["", "ngắn quá", "x" * 11])
def test_a_short_password_is_refused_with_what_is_missing(store: Store, password: str) -> None:
    with pytest.raises(accounts.WeakPassword, match=f"ít nhất 12 ký tự. Đang có {len(password)}"):
        accounts.create(store, cast.account_of(lan), password=password, at=monday)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_ends_when_nobody_uses_it(with_lan: Store) -> None:
    sign_in(with_lan)
    assert accounts.signed_in(with_lan, TOKEN, at=monday + accounts.IDLE) is not None
    assert accounts.signed_in(with_lan, TOKEN, at=monday + 2 * accounts.IDLE) is not None
    assert accounts.signed_in(with_lan, TOKEN, at=monday + 3 * accounts.IDLE + timedelta(seconds=1)) is None


def test_a_session_ends_after_a_shift_however_busy_it_was(with_lan: Store) -> None:
    sign_in(with_lan)
    moment = monday
    while moment - monday <= accounts.LONGEST:
        assert accounts.signed_in(with_lan, TOKEN, at=moment) is not None
        moment += timedelta(minutes=20)
    assert accounts.signed_in(with_lan, TOKEN, at=moment) is None


def test_who_signs_out_is_out_and_other_sessions_stay(with_lan: Store) -> None:
    sign_in(with_lan)
    sign_in(with_lan, token="another token")
    accounts.sign_out(with_lan, TOKEN, at=monday)
    assert accounts.signed_in(with_lan, TOKEN, at=monday) is None
    assert accounts.signed_in(with_lan, "another token", at=monday) is not None


def test_an_unknown_token_opens_nothing(with_lan: Store) -> None:
    sign_in(with_lan)
    for token in ("", TOKEN.upper(), "x"):
        assert accounts.signed_in(with_lan, token, at=monday) is None


def test_a_new_password_ends_every_session(with_lan: Store) -> None:
    sign_in(with_lan)
    accounts.set_password(with_lan, "lan", password=PASSWORD + "!", at=monday)
    assert accounts.signed_in(with_lan, TOKEN, at=monday) is None
    assert sign_in(with_lan, password=PASSWORD + "!").account == "lan"


def test_a_disabled_account_is_out_at_once_and_stays_out(with_lan: Store) -> None:
    sign_in(with_lan)
    accounts.set_active(with_lan, "lan", is_active=False, at=monday)
    assert accounts.signed_in(with_lan, TOKEN, at=monday) is None
    with pytest.raises(accounts.WrongSignIn):
        sign_in(with_lan)


def test_a_session_of_an_account_that_was_saved_as_disabled_is_nobodys(with_lan: Store) -> None:
    sign_in(with_lan)
    with with_lan.begin(at=monday) as ledger:
        ledger.accounts.put(replace(cast.account_of(lan), is_active=False), password_hash="")
        ledger.accounts.open_session("left over", account="lan", device="")
    assert accounts.signed_in(with_lan, "left over", at=monday) is None


# --- who may change accounts ------------------------------------------------------------------------------------------


def test_only_an_administrator_changes_accounts(with_lan: Store) -> None:
    with pytest.raises(Forbidden):
        accounts.create(with_lan, cast.account_of(hoa), password=PASSWORD, at=monday, by=lan)
    with pytest.raises(Forbidden):
        accounts.set_password(with_lan, "lan", password=PASSWORD, at=monday, by=hoa)
    with pytest.raises(Forbidden):
        accounts.set_active(with_lan, "lan", is_active=False, at=monday, by=hoa)
    accounts.create(with_lan, cast.account_of(hoa), password=PASSWORD, at=monday, by=thu)
    assert accounts.actor(with_lan, "hoa").roles == hoa.roles


def test_every_change_of_an_account_is_written_down(with_lan: Store) -> None:
    accounts.set_password(with_lan, "lan", password=PASSWORD, at=monday, by=thu)
    accounts.set_active(with_lan, "lan", is_active=False, at=monday, by=thu)
    accounts.set_active(with_lan, "lan", is_active=True, at=monday)
    assert audited(with_lan) == [
        ("terminal", "account_saved", "lan"),
        ("thu", "password_set", "lan"),
        ("thu", "account_disabled", "lan"),
        ("terminal", "account_enabled", "lan"),
    ]


def test_who_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(accounts.UnknownAccount, match="nobody"):
        accounts.set_password(store, "nobody", password=PASSWORD, at=monday)
    with pytest.raises(accounts.UnknownAccount):
        accounts.set_active(store, "nobody", is_active=True, at=monday)
    with pytest.raises(accounts.UnknownAccount):
        accounts.actor(store, "nobody")
