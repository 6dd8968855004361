"""Sending emails: through an SMTP server, or as files into a folder, which is what an installation does that names no server.

A message has the same Message-ID whenever it is sent, so that one which comes twice can be recognised; in the folder it is the
same file. The libraries block, so all of it runs in a thread.
"""

import asyncio
import smtplib
import ssl
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from domain.deliveries import Delivery
from domain.services.deliveries import Failed, Fate
from domain.store.json import decode

SMTP_SECONDS = 15
BATCH_SECONDS = 120
"""After which no more are begun: what was claimed must be done before others may claim it."""

PERMANENT = range(500, 600)
"""Answers of an SMTP server that will not change."""


@dataclass(frozen=True, slots=True)
class Post:
    """How emails leave: through the server at `smtp_url`, or into `folder`."""

    sender: str
    folder: Path
    smtp_url: str | None = None


class Carrier(Protocol):
    """Carries letters away, one at a time."""

    @property
    def usable(self) -> bool:
        """Whether it takes another one."""

    def carry(self, delivery: Delivery, letter: EmailMessage) -> None:
        """Take one; raises what went wrong."""


class Folder:
    """Files into a folder, each whole or not at all."""

    usable = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def carry(self, delivery: Delivery, letter: EmailMessage) -> None:
        """Write one, or write it once more."""
        self._path.mkdir(parents=True, exist_ok=True)
        unfinished = self._path / f"{delivery.message_id}.part"
        unfinished.write_bytes(letter.as_bytes(policy=SMTP_POLICY))
        unfinished.replace(self._path / f"{delivery.message_id}.eml")


class Server:
    """A session with an SMTP server."""

    def __init__(self, session: smtplib.SMTP) -> None:
        self._session = session

    @property
    def usable(self) -> bool:
        """Not after the server has hung up."""
        return self._session.sock is not None

    def carry(self, delivery: Delivery, letter: EmailMessage) -> None:
        """Hand one over."""
        self._session.send_message(letter)


async def send_all(post: Post, deliveries: Sequence[Delivery]) -> Fate:
    """Send emails; what became of each."""
    return await asyncio.to_thread(_send_all, post, deliveries)


def letter_of(post: Post, delivery: Delivery) -> EmailMessage:
    """The message as it is sent; raises ValueError for what cannot be one."""
    said = decode(delivery.body)
    letter = EmailMessage()
    letter["From"] = post.sender
    letter["To"] = Address(addr_spec=said["to"])
    letter["Subject"] = said["subject"]
    letter["Date"] = format_datetime(delivery.created_at)
    letter["Message-ID"] = f"<{delivery.message_id}@{post.sender.rpartition('@')[2].rstrip('>')}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(said["text"])
    return letter


def _send_all(post: Post, deliveries: Sequence[Delivery]) -> Fate:
    fate, ends = Fate(), time.monotonic() + BATCH_SECONDS
    with ExitStack() as stack:
        try:
            carrier = _carrier(post, stack)
        except (OSError, smtplib.SMTPException) as error:
            fate.failed = [Failed(each, _said(error)) for each in deliveries]
            return fate
        for each in deliveries:
            if not carrier.usable or time.monotonic() > ends:
                fate.untried.append(each)
            elif (failed := _sent(post, carrier, each)) is None:
                fate.delivered.append(each)
            else:
                fate.failed.append(failed)
    return fate


def _sent(post: Post, carrier: Carrier, delivery: Delivery) -> Failed | None:
    try:
        carrier.carry(delivery, letter_of(post, delivery))
    except (ValueError, IndexError) as error:  # an address or subject that no letter may have
        return Failed(delivery, f"it cannot be written: {error}"[:200], for_good=True)
    except (OSError, smtplib.SMTPException) as error:
        return Failed(delivery, _said(error), for_good=_is_permanent(error))
    return None


def _carrier(post: Post, stack: ExitStack) -> Carrier:
    if post.smtp_url is None:
        return Folder(post.folder)
    parts = urlsplit(post.smtp_url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    session: smtplib.SMTP
    if parts.scheme == "smtps":
        session = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_SECONDS, context=context)
    else:
        session = smtplib.SMTP(host, parts.port or 25, timeout=SMTP_SECONDS)
    stack.callback(session.close)
    if parts.scheme == "smtp+starttls":
        session.starttls(context=context)
    if parts.username is not None:
        session.login(unquote(parts.username), unquote(parts.password or ""))
    return Server(session)


def _is_permanent(error: Exception) -> bool:
    """Whether the server refused the one recipient for good."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code in PERMANENT


def _said(error: Exception) -> str:
    """What went wrong, without the address of whom the letter is for."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values())
        return f"the recipient was refused: {answers}"[:200]
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"SMTP {error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"[:200]
    return f"{type(error).__name__}: {error}"[:200]
