"""Where files lie that are too large for the database: a folder of this machine, or a bucket that speaks S3.

What is kept here is sealed before it comes; a name is the SHA-256 of what lies under it, so nothing is ever replaced.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore, S3Store

from postal.domain.refusals import Refused
from postal.domain.scanning import ShelfUnreachable

S3 = "s3://"
TIMEOUT = timedelta(seconds=30)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Files(Protocol):
    """Keeps sealed content under its digest."""

    def put(self, name: str, content: bytes) -> None:
        """Keep content; it is there for good when this returns. Raises: ShelfUnreachable."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return content, None when there is none. Raises: ShelfUnreachable."""
        ...

    def delete(self, name: str) -> None:
        """Forget content; what is not there is no fault. Raises: ShelfUnreachable."""
        ...

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Yield every name and since when it lies there. Raises: ShelfUnreachable."""
        ...


class UnsafeBucket(Refused):
    """Keys of a bucket travel encrypted, or do not leave the machine."""

    code = "unsafe_bucket"
    vi = (
        "POSTAL_FILES phải là đường dẫn thư mục, hoặc s3://tên-kho?endpoint=https://máy; "
        "http:// chỉ dùng tới chính máy này. Sửa rồi chạy lại."
    )
    en = "POSTAL_FILES must be a folder, or s3://bucket?endpoint=https://host; http:// leads to this machine only."


ObjectStore = LocalStore | MemoryStore | S3Store


class ObjectFiles:
    """Files in an object store, opened when first used.

    `folder` is set when that is a folder of this machine, whose writes are then forced to the disk.
    """

    def __init__(self, opened: Callable[[], ObjectStore], *, folder: Path | None = None) -> None:
        self._opened = opened
        self._folder = folder

    @cached_property
    def _store(self) -> ObjectStore:
        return self._opened()

    def put(self, name: str, content: bytes) -> None:
        """Keep content; it is there for good when this returns. Raises: ShelfUnreachable."""
        with _reached():
            self._store.put(_path(name), content)
            if self._folder is not None:
                _force(self._folder / _path(name))

    def get(self, name: str) -> bytes | None:
        """Return content, None when there is none. Raises: ShelfUnreachable."""
        with _reached():
            try:
                return self._store.get(_path(name)).bytes().to_bytes()
            except (FileNotFoundError, NotFoundError):
                return None

    def delete(self, name: str) -> None:
        """Forget content; what is not there is no fault. Raises: ShelfUnreachable."""
        with _reached():
            try:
                self._store.delete(_path(name))
            except (FileNotFoundError, NotFoundError):
                return

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Yield every name and since when it lies there. Raises: ShelfUnreachable."""
        with _reached():
            for found in self._store.list():
                for each in found:
                    yield each["path"].rpartition("/")[2], each["last_modified"]


def opened(where: str, *, key: str = "", secret: str = "") -> ObjectFiles:
    """Return the files of a folder, or of `s3://bucket/prefix?endpoint=…&region=…`. Raises: UnsafeBucket."""
    if where.startswith(S3):
        bucket = _bucket(where, key=key, secret=secret)
        return ObjectFiles(lambda: bucket)
    folder = Path(where).resolve()
    return ObjectFiles(lambda: LocalStore(folder, mkdir=True), folder=folder)


def in_memory() -> ObjectFiles:
    """Return files that are gone with the process."""
    return ObjectFiles(MemoryStore)


def _bucket(where: str, *, key: str, secret: str) -> S3Store:
    address = urlsplit(where)
    asked = {name: values[-1] for name, values in parse_qs(address.query).items()}
    endpoint = asked.get("endpoint", "")
    is_here = endpoint.startswith("http://") and urlsplit(endpoint).hostname in _LOOPBACK
    if not address.netloc or (endpoint and not endpoint.startswith("https://") and not is_here):
        raise UnsafeBucket
    return S3Store(
        address.netloc,
        prefix=address.path.strip("/") or None,
        endpoint=endpoint or None,
        region=asked.get("region", "us-east-1"),
        access_key_id=key or None,
        secret_access_key=secret or None,
        virtual_hosted_style_request=False,
        client_options={"allow_http": is_here, "timeout": TIMEOUT},
        retry_config={"max_retries": 2, "retry_timeout": TIMEOUT},
    )


def _path(name: str) -> str:
    """Return the path of a name: 256 folders, so that none grows too large to list."""
    return f"{name[:2]}/{name}"


def _force(path: Path) -> None:
    """Bring a file and the folders that name it to the disk: an event may refer to it from now on."""
    for each in (path, path.parent, path.parent.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise ShelfUnreachable(why=type(error).__name__) from error
