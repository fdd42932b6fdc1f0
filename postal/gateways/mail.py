"""E-mail: a real server over SMTP, encrypted, and a console for trying the product out.

A mail is text alone: no picture to be fetched, no link that tells who opened it. Its `Message-ID` is made of the
reference, so that a mail sent twice, after an answer was lost, is known for the same one by whoever keeps it.
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

from postal.domain.refusals import Refused
from postal.domain.sending import NeverTaken, NotTaken

SECONDS = 10
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_OUR_FAULT = frozenset({530, 534, 535, 538})
"""Answers that speak of our sign-in, not of the message (RFC 4954)."""


class Mail(Protocol):
    """Sends an e-mail. `reference` names the message, so that a repeated one is recognised."""

    def send(self, *, to: str, subject: str, body: str, reference: str, at: datetime) -> None:
        """Send a mail.

        Raises: NeverTaken when asking again is useless; NotTaken, and any other OSError, when it must be tried again.
        """
        ...


class UnsafeMailServer(Refused):
    """Mails with the affairs of citizens travel encrypted, or do not leave the machine."""

    code = "unsafe_mail_server"
    vi = (
        "POSTAL_SMTP_URL phải bắt đầu bằng smtp+starttls:// hoặc smtps://, hoặc smtp:// tới chính máy này. "
        "Sửa rồi chạy lại."
    )
    en = "POSTAL_SMTP_URL must begin with smtp+starttls:// or smtps://, or lead to this machine by smtp://."


class NoMailFrom(Refused):
    """A mail says who sends it."""

    code = "no_mail_from"
    vi = "POSTAL_MAIL_FROM phải là một địa chỉ thư, ví dụ khong-tra-loi@buudien.example.vn. Sửa rồi chạy lại."
    en = "POSTAL_MAIL_FROM must be a mail address."


class SmtpMail:
    """A mail server on the network. One connection a mail: a citizen's mail never waits behind another's."""

    def __init__(
        self, url: str, *, sender: str, seconds: float = SECONDS, context: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UnsafeMailServer
        if parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
            raise UnsafeMailServer
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = _address(sender)
        self._seconds = seconds
        self._context = context or ssl.create_default_context()

    def send(self, *, to: str, subject: str, body: str, reference: str, at: datetime) -> None:
        """Send a mail.

        Raises: NeverTaken when asking again is useless; NotTaken, and any other OSError, when it must be tried again.
        """
        mail = self._written(to=to, subject=subject, body=body, reference=reference, at=at)
        try:
            with self._connection() as server:
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            ((number, _),) = refused.recipients.values()
            raise _answered(number) from None
        except smtplib.SMTPResponseException as refused:
            raise _answered(refused.smtp_code) from None
        except (smtplib.SMTPNotSupportedError, ssl.SSLError):
            raise NotTaken("Máy chủ thư không mã hóa được đường truyền, hoặc không cho đăng nhập.") from None
        except smtplib.SMTPException:
            raise NotTaken("Máy chủ thư ngắt giữa chừng.") from None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Open a connection that is encrypted unless it stays on this machine, and sign in where the URL says so."""
        with self._opened() as server:
            if self._scheme == "smtp+starttls":
                server.starttls(context=self._context)
            if self._user:
                server.login(self._user, self._password)
            yield server

    def _opened(self) -> smtplib.SMTP:
        """Open a connection under the sender's domain: what this machine is called is nobody's business."""
        named, seconds = self._sender.domain, self._seconds
        if self._scheme == "smtps":
            return smtplib.SMTP_SSL(self._host, self._port, named, timeout=seconds, context=self._context)
        return smtplib.SMTP(self._host, self._port, named, timeout=seconds)

    def _written(self, *, to: str, subject: str, body: str, reference: str, at: datetime) -> EmailMessage:
        try:
            receiver = _address(to)
        except NoMailFrom:
            raise NeverTaken("Địa chỉ thư của người dân viết chưa đúng.") from None
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"] = self._sender, receiver
        mail["Subject"] = subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{reference}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(body)
        return mail


def _address(text: str) -> Address:
    """Return a bare mail address as headers hold it. Raises: NoMailFrom."""
    try:
        found = Address(addr_spec=text.strip())
    except (ValueError, IndexError, MessageError):
        raise NoMailFrom from None
    if not (found.username and found.domain) or not text.isascii():
        raise NoMailFrom
    return found


def _answered(number: int) -> NotTaken:
    """Return what an answer of the mail server means: 5xx is for ever, unless it is our sign-in that is wrong."""
    if number in _OUR_FAULT:
        return NotTaken(f"Máy chủ thư không nhận khóa của ta (SMTP {number}).")
    if 500 <= number < 600:
        return NeverTaken(f"Máy chủ thư không nhận thư này (SMTP {number}): địa chỉ có thể sai.")
    return NotTaken(f"Máy chủ thư đang bận (SMTP {number}).")


class ConsoleMail:
    """Writes mails to a screen, for trying the product out."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def send(self, *, to: str, subject: str, body: str, reference: str, at: datetime) -> None:
        """Write a mail."""
        self._write(f"[thư tới {to}, số {reference[:8]}, {at:%H:%M}] {subject}\n{body}")
