"""Accounts at the terminal: the first one is made before anybody can sign in."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from postal.domain.people import Role
from postal.services import accounts
from postal.services.accounts import WrongSignIn
from postal.store import Store
from tests.cli.conftest import Answer, Terminal

PASSWORD = "mật khẩu rất dài"


@pytest.fixture
def add(terminal: Terminal, seeded: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Return what adds an account with a password from the input."""

    def type_in(*words: str, password: str = PASSWORD) -> Answer:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return terminal("user", "add", *words, "--password-stdin")

    return type_in


LAN = ("lan", "--name", "Trần Thị Lan", "--place", "551000", "--role", "counter_clerk")


def test_an_account_that_was_added_can_sign_in(add: Callable[..., Answer], opened: Callable[[], Store]) -> None:
    assert add(*LAN, "--role", "sorting", "--position", "counter", "--position", "counter.2").code == 0
    store = opened()
    actor = accounts.check_password(store, "lan", password=PASSWORD, device="")
    with store.read() as reader:
        account = reader.accounts.get("lan")
    assert actor.roles == {Role.COUNTER_CLERK, Role.SORTING}
    assert account is not None
    assert account.entitled == ("551000:counter", "551000:counter.2")


@pytest.mark.parametrize(
    ("words", "password", "sentence"),
    [
        (LAN, "ngắn", "ít nhất 12 ký tự"),
        ((*LAN[:3], "--place", "nowhere", *LAN[5:]), PASSWORD, 'Chưa có "nowhere"'),
        ((*LAN, "--position", "throne"), PASSWORD, "Vị trí “throne” không đúng"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    add: Callable[..., Answer], words: tuple[str, ...], password: str, sentence: str
) -> None:
    said = add(*words, password=password)
    assert said.code == 1
    assert sentence in said.err


def test_a_user_name_is_given_once(add: Callable[..., Answer]) -> None:
    add(*LAN)
    said = add(*LAN)
    assert said.code == 1
    assert "Đã có tài khoản lan" in said.err


def test_a_role_that_is_not_there_is_a_wrong_command(add: Callable[..., Answer]) -> None:
    assert add(*LAN[:5], "--role", "king").code == 2


def test_accounts_are_listed_and_locked_and_opened_again(
    add: Callable[..., Answer], terminal: Terminal, opened: Callable[[], Store]
) -> None:
    add(*LAN)
    assert terminal("user", "disable", "lan").code == 0
    assert "(đã khóa)" in terminal("user", "list").out
    store = opened()
    with pytest.raises(WrongSignIn):
        accounts.check_password(store, "lan", password=PASSWORD, device="")
    terminal("user", "enable", "lan")
    assert [line["is_active"] for line in terminal("user", "list", "--json").json] == [True]


def test_a_password_can_be_changed(
    add: Callable[..., Answer], terminal: Terminal, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(*LAN)
    monkeypatch.setattr("sys.stdin", io.StringIO("một câu khác, cũng dài\n"))
    assert terminal("user", "passwd", "lan", "--password-stdin").code == 0
    store = opened()
    assert accounts.check_password(store, "lan", password="một câu khác, cũng dài", device="").account == "lan"


def test_nobody_unknown_is_locked(terminal: Terminal, seeded: Path) -> None:
    said = terminal("user", "disable", "nobody")
    assert (said.code, "Chưa có tài khoản nobody" in said.err) == (1, True)
