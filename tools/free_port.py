"""Say at once, and with the exact next command, when the port that is to be served is taken.

Usage: free_port.py PORT COMMAND, for example `free_port.py 8000 "make run"`. Needs the standard library only, since it
runs before anything is installed.
"""

import socket
import sys

HOST = "127.0.0.1"
LAST_PORT = 65535


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def next_free(port: int) -> int:
    """Return the first free port above this one."""
    return next(candidate for candidate in range(port + 1, LAST_PORT + 1) if is_free(candidate))


def main(port_text: str, command: str) -> str | None:
    """Return what to tell the person, or None when the port is free."""
    if not port_text.isdecimal() or not 0 < int(port_text) <= LAST_PORT:
        return f"POSTAL_PORT phải là số từ 1 đến {LAST_PORT}, không phải “{port_text}”. Gõ: POSTAL_PORT=8000 {command}"
    port = int(port_text)
    if is_free(port):
        return None
    return (
        f"Cổng {port} đang được dùng. Gõ lệnh sau: / Port {port} is in use. Type this next:\n"
        f"  POSTAL_PORT={next_free(port)} {command}"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
