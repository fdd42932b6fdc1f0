"""E-mail against a real server on this machine: encrypted, signed in, in Vietnamese, and every way to be refused."""

import asyncio
import email
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from postal.domain.sending import NeverTaken, NotTaken
from postal.gateways.mail import ConsoleMail, NoMailFrom, SmtpMail, UnsafeMailServer

TO, FROM, REFERENCE = "khanh@example.vn", "khong-tra-loi@buudien.example.vn", "50ca7b80d1f2"
SUBJECT = "Hồ sơ 7K2M4-9RTBQ: Cần bổ sung giấy tờ"
BODY = "Kính gửi ông/bà,\n\nBưu điện: hồ sơ 7K2M4-9RTBQ cần bổ sung 2 giấy tờ. Địa chỉ: đường Ỷ Lan, phường Hải Châu.\n"
AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
NAME, PASSWORD = "buu@dien", "mat khau: @/"


@dataclass
class Server:
    """A mail server that keeps what it took; a test says how it answers at each step."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    hangs_up: bool = False

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take a receiver, or answer as the test says."""
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        """Keep a mail, answer as the test says, or end in the middle."""
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        content = envelope.original_content or b""
        self.mails.append(email.message_from_bytes(content, policy=policy.default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return self.answers.get("DATA", "250 OK")

    def authenticate(self, _: object, __: object, ___: object, ____: str, given: object) -> AuthResult:
        """Let in whoever knows the password."""
        assert isinstance(given, LoginPassword)
        self.signed_in.append(given.login.decode())
        return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


class AnyPort(Controller):
    """A server at a port that is free, which it learns as it starts."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a key and a certificate for this machine in one file, made for this run."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def serving(certificate: Path) -> Iterator[Callable[..., tuple[Server, int]]]:
    """Return what starts a mail server: plain, with STARTTLS, or encrypted from the start."""
    running: list[Controller] = []

    def start(*, tls: str = "", auth: bool = False) -> tuple[Server, int]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server = Server()
        options: dict[str, object] = {"ssl_context": context} if tls == "wrapped" else {}
        if tls == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if auth:
            options |= {"authenticator": server.authenticate, "auth_required": True, "auth_require_tls": True}
        controller = AnyPort(server, hostname="127.0.0.1", port=0, **options)  # type: ignore[arg-type]
        controller.start()
        running.append(controller)
        return server, controller.port

    yield start
    for controller in running:
        controller.stop()


def trusting(certificate: Path) -> ssl.SSLContext:
    """Return what trusts the certificate of this run alone."""
    return ssl.create_default_context(cafile=str(certificate))


def send(gateway: SmtpMail, *, to: str = TO) -> None:
    """Send the mail of these tests."""
    gateway.send(to=to, subject=SUBJECT, body=BODY, reference=REFERENCE, at=AT)


def test_a_mail_arrives_with_every_accent_and_the_reference_as_its_number(
    serving: Callable[..., tuple[Server, int]],
) -> None:
    server, port = serving()
    send(SmtpMail(f"smtp://127.0.0.1:{port}", sender=FROM))
    (mail,) = server.mails
    assert mail["Subject"] == SUBJECT
    assert mail.get_content().replace("\r\n", "\n") == BODY
    assert mail["Message-ID"] == f"<{REFERENCE}@buudien.example.vn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == AT
    assert server.envelopes == [(FROM, [TO])]


def test_a_mail_sent_again_after_a_lost_answer_has_the_same_number(serving: Callable[..., tuple[Server, int]]) -> None:
    server, port = serving()
    gateway = SmtpMail(f"smtp://127.0.0.1:{port}", sender=FROM)
    send(gateway)
    send(gateway)
    assert len({mail["Message-ID"] for mail in server.mails}) == 1


def test_a_mail_is_text_alone_and_fetches_nothing(serving: Callable[..., tuple[Server, int]]) -> None:
    server, port = serving()
    send(SmtpMail(f"smtp://127.0.0.1:{port}", sender=FROM))
    assert server.mails[0].get_content_type() == "text/plain"
    assert not server.mails[0].is_multipart()


@pytest.mark.parametrize(("scheme", "tls"), [("smtp+starttls", "starttls"), ("smtps", "wrapped")])
def test_a_mail_travels_encrypted(
    serving: Callable[..., tuple[Server, int]], certificate: Path, scheme: str, tls: str
) -> None:
    server, port = serving(tls=tls)
    send(SmtpMail(f"{scheme}://127.0.0.1:{port}", sender=FROM, context=trusting(certificate)))
    assert server.encrypted == [True]
    assert len(server.mails) == 1


def test_a_mail_goes_out_under_the_name_and_password_of_the_address(
    serving: Callable[..., tuple[Server, int]], certificate: Path
) -> None:
    server, port = serving(tls="starttls", auth=True)
    url = f"smtp+starttls://buu%40dien:mat%20khau%3A%20%40%2F@127.0.0.1:{port}"
    send(SmtpMail(url, sender=FROM, context=trusting(certificate)))
    assert server.signed_in == [NAME]
    assert len(server.mails) == 1


def test_a_server_nobody_vouches_for_is_sent_nothing(serving: Callable[..., tuple[Server, int]]) -> None:
    server, port = serving(tls="starttls")
    with pytest.raises(NotTaken, match="mã hóa"):
        send(SmtpMail(f"smtp+starttls://127.0.0.1:{port}", sender=FROM))
    assert server.mails == []


def test_a_server_that_cannot_encrypt_is_sent_nothing(serving: Callable[..., tuple[Server, int]]) -> None:
    server, port = serving()
    with pytest.raises(NotTaken, match="mã hóa"):
        send(SmtpMail(f"smtp+starttls://127.0.0.1:{port}", sender=FROM))
    assert server.mails == []


def test_a_wrong_password_is_our_fault_and_is_tried_again(
    serving: Callable[..., tuple[Server, int]], certificate: Path
) -> None:
    _, port = serving(tls="starttls", auth=True)
    gateway = SmtpMail(f"smtp+starttls://a:b@127.0.0.1:{port}", sender=FROM, context=trusting(certificate))
    with pytest.raises(NotTaken, match="SMTP 535") as refused:
        send(gateway)
    assert not isinstance(refused.value, NeverTaken)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "is_final"), [("550 no such user here", True), ("451 try later", False)])
def test_an_address_that_is_refused_is_final_and_a_busy_server_is_not(
    serving: Callable[..., tuple[Server, int]], step: str, answer: str, is_final: bool
) -> None:
    server, port = serving()
    server.answers[step] = answer
    with pytest.raises(NotTaken, match=f"SMTP {answer[:3]}") as refused:
        send(SmtpMail(f"smtp://127.0.0.1:{port}", sender=FROM))
    assert isinstance(refused.value, NeverTaken) is is_final
    assert TO not in str(refused.value)


def test_a_server_that_hangs_up_in_the_middle_is_tried_again(serving: Callable[..., tuple[Server, int]]) -> None:
    server, port = serving()
    server.hangs_up = True
    with pytest.raises(NotTaken) as refused:
        send(SmtpMail(f"smtp://127.0.0.1:{port}", sender=FROM))
    assert not isinstance(refused.value, NeverTaken)


def test_a_server_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(OSError, match="refused"):
        send(SmtpMail("smtp://127.0.0.1:9", sender=FROM, seconds=1))


@pytest.mark.parametrize(
    "to", ["khanh", "khanh@", "@example.vn", "kh anh@example.vn", "a@b\nBcc: c@d.vn", "khánh@ví-dụ.vn"]
)
def test_a_mailbox_that_is_written_wrongly_is_never_asked_for(to: str) -> None:
    with pytest.raises(NeverTaken, match="Địa chỉ thư"):
        send(SmtpMail("smtp://127.0.0.1:9", sender=FROM), to=to)


@pytest.mark.parametrize(
    "url", ["smtp://mail.example.vn", "http://127.0.0.1", "mail.example.vn:587", "smtps://", "smtp+starttls:///x"]
)
def test_mails_leave_the_machine_encrypted_or_not_at_all(url: str) -> None:
    with pytest.raises(UnsafeMailServer):
        SmtpMail(url, sender=FROM)


@pytest.mark.parametrize("sender", ["", "buudien", "a@b@c", "x@y\nz"])
def test_a_mail_says_who_sends_it(sender: str) -> None:
    with pytest.raises(NoMailFrom):
        SmtpMail("smtps://mail.example.vn", sender=sender)


def test_the_console_writes_what_would_be_sent() -> None:
    written: list[str] = []
    ConsoleMail(written.append).send(to=TO, subject=SUBJECT, body=BODY, reference=REFERENCE, at=AT)
    assert written == [f"[thư tới {TO}, số 50ca7b80, 02:00] {SUBJECT}\n{BODY}"]
