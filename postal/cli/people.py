"""Accounts at the terminal: the first one is made here, before anybody can sign in."""

import sys
from typing import Annotated

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json
from postal.domain.people import Account, Role, parse_position, role_names
from postal.domain.refusals import Refused


class AccountExists(Refused):
    """A user name is given once."""

    code = "account_exists"
    vi = "Đã có tài khoản {username}. Chọn tên khác, hoặc đổi mật khẩu: python main.py user passwd {username}."
    en = "There is an account {username} already. Choose another name, or change its password."


class WrongPosition(Refused):
    """A position is a kind, with a number from the second on."""

    code = "wrong_position_name"
    vi = "Vị trí “{position}” không đúng. Dùng counter, counter.2, sorting, transport, desk hoặc department."
    en = "“{position}” is no position. Use counter, counter.2, sorting, transport, desk or department."


Username = Annotated[str, typer.Argument(help="Tên đăng nhập, chữ thường.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Đọc mật khẩu từ dòng đầu của đầu vào thay vì hỏi trên màn hình.")
]


def add(
    username: Username,
    name: Annotated[str, typer.Option(help="Họ và tên.")],
    place: Annotated[str, typer.Option(help="Mã nơi làm việc trong danh mục, ví dụ 551000 hoặc MC-T48.")],
    role: Annotated[list[Role], typer.Option(help="Vai trò; lặp lại được.")],
    position: Annotated[
        list[str] | None,
        typer.Option(help="Vị trí được phụ trách tại nơi làm việc, ví dụ counter, counter.2; lặp lại được."),
    ] = None,
    password_stdin: FromInput = False,
    as_json: Json = False,
) -> None:
    """Thêm một tài khoản."""
    from postal.services import accounts

    wanted = username.strip().lower()
    keys = tuple(_key(place, text) for text in position or [])
    account = Account(username=wanted, name=name, place=place, roles=frozenset(role), entitled=keys)
    with opening.store() as store:
        with store.read() as reader:
            reader.reference.place(place)
            if reader.accounts.get(wanted) is not None:
                raise AccountExists(username=wanted)
        password = _password(from_input=password_stdin)
        accounts.create(store, account, password=password, at=opening.now())
    roles = role_names(account.roles)
    answers.give({"username": wanted, "positions": keys}, [f"Đã thêm {wanted}: {roles}, tại {place}."], as_json=as_json)


def list_all(as_json: Json = False) -> None:
    """Liệt kê mọi tài khoản."""
    from postal.queries import accounts

    with opening.store() as store:
        found = accounts.accounts(store)
    lines = [f"{a.username:14} {'' if a.is_active else '(đã khóa) '}{a.name}: {a.roles}; {a.place}" for a in found]
    answers.give(found, lines or ["Chưa có tài khoản nào."], as_json=as_json)


def passwd(username: Username, password_stdin: FromInput = False) -> None:
    """Đổi mật khẩu; mọi phiên đăng nhập của tài khoản kết thúc."""
    from postal.services import accounts

    with opening.store() as store:
        accounts.set_password(store, username, password=_password(from_input=password_stdin), at=opening.now())
    print(f"Đã đổi mật khẩu của {username}.")


def disable(username: Username) -> None:
    """Khóa một tài khoản; người đó bị đăng xuất ngay."""
    _set_active(username, is_active=False)
    print(f"Đã khóa {username}.")


def enable(username: Username) -> None:
    """Mở lại một tài khoản đã khóa."""
    _set_active(username, is_active=True)
    print(f"Đã mở lại {username}.")


def _set_active(username: str, *, is_active: bool) -> None:
    from postal.services import accounts

    with opening.store() as store:
        accounts.set_active(store, username, is_active=is_active, at=opening.now())


def _key(place: str, text: str) -> str:
    try:
        return parse_position(f"{place}:{text}").key
    except ValueError:
        raise WrongPosition(position=text) from None


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Gõ lại mật khẩu")
    return typed
