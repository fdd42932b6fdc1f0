"""What `serve` says and checks before it listens."""

import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from postal.domain.refusals import Refused

if TYPE_CHECKING:
    from postal.queries.accounts import AccountLine
    from postal.settings import Settings
    from postal.store import Store

BACKLOG = 2048
LAST_PORT = 65_535


class PortBusy(Refused):
    """Somebody else listens there; the sentence is the next command."""

    code = "port_busy"
    vi = "Cổng {port} đang được dùng. Gõ lệnh sau:\n  POSTAL_PORT={next} make run"
    en = "Port {port} is in use. Type this next:\n  POSTAL_PORT={next} make run"


class DemoInProduction(Refused):
    """Everybody knows the password of the made-up accounts."""

    code = "demo_in_production"
    vi = "Cơ sở dữ liệu có {count} tài khoản chạy thử mà ai cũng biết mật khẩu. Dùng cơ sở dữ liệu khác khi chạy thật."
    en = "The database has {count} demo accounts whose password everybody knows. Use another database in production."


def end_in_order() -> None:
    """Let SIGTERM end the program like Ctrl-C does: what is under way is given back instead of lost."""
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def listening(settings: "Settings") -> socket.socket:
    """Return a socket that listens at the address of the settings. Raises: PortBusy."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise PortBusy(port=settings.port, next=_next_free(settings.host, settings.port)) from None
    return listener


def with_demo(settings: "Settings", store: "Store") -> "Settings":
    """Return the settings with `demo` switched on when the data are made up. Raises: DemoInProduction."""
    from postal.queries import accounts

    made_up = [line for line in accounts.accounts(store, only_demo=True) if line.is_active]
    if made_up and settings.production:
        raise DemoInProduction(count=len(made_up))
    return replace(settings, demo=settings.demo or bool(made_up))


def greeting(settings: "Settings", store: "Store") -> Iterator[str]:
    """Yield what the person who started the server reads: the address, the logins, one citizen's link."""
    yield f"Đang chạy tại {settings.public_url} (Ctrl-C để dừng)"
    if settings.demo:
        yield from _demo(settings, store)


def _demo(settings: "Settings", store: "Store") -> Iterator[str]:
    from postal.queries import accounts, showcase
    from postal.services.demonstration.staff import PASSWORD

    yield ""
    yield f"DỮ LIỆU GIẢ. Mật khẩu của mọi tài khoản: {PASSWORD}"
    for line in _one_a_role(accounts.accounts(store, only_demo=True)):
        yield f"  {line.username:12} {line.roles}, {line.place}"
    secret = showcase.citizen_secret(store)
    if secret:
        yield ""
        yield f"Trang của một người dân, như trong mã QR: {settings.public_url}/{secret}"


def _one_a_role(lines: "list[AccountLine]") -> "list[AccountLine]":
    """Return the first account of each kind of work; the sign-in page lists all of them."""
    first: dict[str, AccountLine] = {}
    for line in lines:
        first.setdefault(line.roles, line)
    return list(first.values())


def _next_free(host: str, port: int) -> int:
    for candidate in range(port + 1, LAST_PORT + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    return LAST_PORT
