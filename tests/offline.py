"""Keeps tests on this machine: a connection or a name look-up that leaves it is an error, in every process of a run.

Uses Python's audit events, so it holds for every library that opens its sockets through Python. Programs that tests
start are not covered; Chromium is told by its own options.
"""

import ipaddress
import socket
import sys

_LOCAL_NAMES = {"", "localhost", None}
_CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKING_UP = {"socket.getaddrinfo", "socket.gethostbyname"}


class LeftTheMachine(AssertionError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """Tell whether a host's name or address means this machine."""
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTING:
        sock, address = arguments
        if not isinstance(address, tuple) or getattr(sock, "family", None) == socket.AF_UNIX:
            return
        host = address[0]
    elif event in _LOOKING_UP:
        host = arguments[0]
    else:
        return
    if not is_local(host):
        raise LeftTheMachine(f"A test tried to reach {host!r}. Tests stay on 127.0.0.1: start the other side there.")


def stay() -> None:
    """Begin to watch; it lasts as long as the process."""
    sys.addaudithook(_watch)
