"""Opening what commands work with: settings, a migrated store, the time, chance."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postal.domain.refusals import Refused

if TYPE_CHECKING:
    from postal.gateways.files import Files
    from postal.settings import Settings
    from postal.store import Store


class NotMigrated(Refused):
    """The tables are older than the code, or missing."""

    code = "not_migrated"
    vi = "Cơ sở dữ liệu chưa được nâng cấp. Chạy: python main.py migrate, rồi python main.py seed."
    en = "The database is not up to date. Run: python main.py migrate, then python main.py seed."


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def below(bound: int) -> int:
    """Draw a random number for codes and secrets."""
    return secrets.randbelow(bound)


def settings() -> "Settings":
    """Return the settings of this process. Raises: UnsafeSetting."""
    from postal import settings as all_settings

    return all_settings.read()


def files(known: "Settings | None" = None) -> "Files":
    """Return where files outside the database lie. Raises: UnsafeBucket, UnsafeSetting."""
    from postal.gateways import files as all_files

    chosen = known or settings()
    return all_files.opened(chosen.files, key=chosen.files_key, secret=chosen.files_secret)


@contextmanager
def any_store(
    url: str | None = None, *, token_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> Iterator["Store"]:
    """Open the store of the settings, or of a URL, whatever its tables are; it is closed at the end."""
    from postal.store import Store

    known = settings()
    opened = Store.open(url or known.database_url, secret_key=known.secret_key, token_bytes=token_bytes)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def store(*, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> Iterator["Store"]:
    """Open the store of the settings. Raises: NotMigrated."""
    with any_store(token_bytes=token_bytes) as opened:
        if opened.migration_pending():
            raise NotMigrated
        yield opened
