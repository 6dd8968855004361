"""Emails, sent to a real SMTP server or written into a folder: at least once, under the same Message-ID, tried again by the schedule."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.deliveries import DeliveryStatus, Email
from domain.store import outbox
from domain.store.database import Database
from tests.deliveries.receivers import mailbox
from tests.deliveries.telling import deliver, messages
from workers.emails import Post, send_all

STATUS = DeliveryStatus
SENDER = "points@example.org"
TEXT = "Grüße aus Köln.\nZweite Zeile."


async def write(database: Database, *addresses: str, subject: str = "Zwölf Punkte", text: str = TEXT) -> datetime:
    """Emails, written now."""
    async with database.write() as writer:
        now = await database.now(writer)
        await outbox.add_emails(writer, [Email(to, subject, text) for to in addresses], now)
        return now


def in_folder(folder: Path) -> list[EmailMessage]:
    """What lies in the folder, by name."""
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".eml"] * len(files)
    return [message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default) for file in files]


async def test_an_email_is_handed_to_the_server_once(fresh_database: Database) -> None:
    await write(fresh_database, "ada@example.org", "eve@example.org")
    with mailbox() as (box, url):
        for _ in range(2):
            await deliver(fresh_database, post=Post(SENDER, Path("/nonexistent"), url))
    assert [letter["to"] for letter in box.letters] == ["ada@example.org", "eve@example.org"]
    [letter, _] = box.letters
    assert (letter["from"], letter["subject"], letter["auto-submitted"]) == (SENDER, "Zwölf Punkte", "auto-generated")
    assert letter.get_content().splitlines() == TEXT.splitlines()
    first, second = await messages(fresh_database)
    assert letter["message-id"] == f"<{first.message_id}@example.org>"
    assert [(each.status, each.attempts) for each in (first, second)] == [(STATUS.DELIVERED, 1)] * 2


async def test_without_a_server_an_email_is_a_file_in_the_folder(fresh_database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    await write(fresh_database, "ada@example.org")
    await deliver(fresh_database, post=Post(SENDER, folder))
    [letter] = in_folder(folder)
    assert (letter["to"], letter["subject"]) == ("ada@example.org", "Zwölf Punkte")
    assert letter.get_content().splitlines() == TEXT.splitlines()
    [message] = await messages(fresh_database)
    assert [file.name for file in folder.iterdir()] == [f"{message.message_id}.eml"]


async def test_the_disk_of_the_folder_gone_delays_emails_and_loses_none(
    fresh_database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "mail"
    folder.write_text("a file where the folder was")
    now = await write(fresh_database, "ada@example.org", "eve@example.org")
    await deliver(fresh_database, post=Post(SENDER, folder))
    failed = await messages(fresh_database)
    assert [(each.status, each.attempts) for each in failed] == [(STATUS.WAITING, 1)] * 2
    assert failed[0].problem is not None
    assert failed[0].problem.startswith("FileExistsError: ")
    folder.unlink()
    await deliver(fresh_database, now + timedelta(minutes=1), post=Post(SENDER, folder))
    assert sorted(letter["to"] for letter in in_folder(folder)) == ["ada@example.org", "eve@example.org"]
    assert {(each.status, each.attempts) for each in await messages(fresh_database)} == {(STATUS.DELIVERED, 2)}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this machine")
async def test_a_full_disk_leaves_no_half_a_file(fresh_database: Database, tmp_path: Path) -> None:
    """A device that is always full stands for the disk."""
    now = await write(fresh_database, "ada@example.org")
    folder = tmp_path / "mail"
    folder.mkdir()
    [message] = await messages(fresh_database)
    (folder / f"{message.message_id}.part").symlink_to("/dev/full")
    await deliver(fresh_database, post=Post(SENDER, folder))
    [message] = await messages(fresh_database)
    assert (message.status, message.problem) == (STATUS.WAITING, "OSError: [Errno 28] No space left on device")
    assert not (folder / f"{message.message_id}.eml").exists()
    (folder / f"{message.message_id}.part").unlink()
    await deliver(fresh_database, now + timedelta(minutes=1), post=Post(SENDER, folder))
    assert len(in_folder(folder)) == 1


async def test_a_server_that_is_away_is_asked_again(fresh_database: Database) -> None:
    now = await write(fresh_database, "ada@example.org")
    with mailbox() as (_, url):
        away = Post(SENDER, Path("/nonexistent"), url)
    await deliver(fresh_database, post=away)
    [message] = await messages(fresh_database)
    assert (message.status, message.attempts) == (STATUS.WAITING, 1)
    assert message.problem is not None
    assert message.problem.startswith("ConnectionRefusedError: ")
    with mailbox() as (box, url):
        await deliver(fresh_database, now + timedelta(minutes=1), post=Post(SENDER, Path("/nonexistent"), url))
    assert len(box.letters) == 1


async def test_a_refused_recipient_harms_no_other_and_is_given_up_at_once(fresh_database: Database) -> None:
    await write(fresh_database, "nobody@example.org", "busy@example.org", "ada@example.org")
    answers = {"nobody@example.org": "550 no such mailbox", "busy@example.org": "450 mailbox busy"}
    with mailbox() as (box, url):
        box.refuse = answers.get
        await deliver(fresh_database, post=Post(SENDER, Path("/nonexistent"), url))
    assert [letter["to"] for letter in box.letters] == ["ada@example.org"]
    unknown, busy, ada = await messages(fresh_database)
    assert (unknown.status, busy.status, ada.status) == (STATUS.FAILED, STATUS.WAITING, STATUS.DELIVERED)
    assert unknown.problem == "the recipient was refused: 550 no such mailbox"
    assert busy.problem == "the recipient was refused: 450 mailbox busy"


async def test_a_server_that_hangs_up_costs_only_the_letter_at_hand(fresh_database: Database) -> None:
    await write(fresh_database, "ada@example.org", "eve@example.org", "bob@example.org")
    with mailbox() as (box, url):
        box.refuse = {"eve@example.org": "421 come back later"}.get
        await deliver(fresh_database, post=Post(SENDER, Path("/nonexistent"), url))
    assert [letter["to"] for letter in box.letters] == ["ada@example.org", "bob@example.org"]
    found = [(each.status, each.attempts) for each in await messages(fresh_database)]
    assert found == [(STATUS.DELIVERED, 1), (STATUS.WAITING, 1), (STATUS.DELIVERED, 1)]


async def test_a_server_that_is_slow_gets_no_more_than_can_be_sent_in_time(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.emails.BATCH_SECONDS", -1)
    await write(fresh_database, "ada@example.org")
    with mailbox() as (box, url):
        [message] = await messages(fresh_database)
        fate = await send_all(Post(SENDER, Path("/nonexistent"), url), [message])
    assert (fate.delivered, fate.failed, fate.untried, box.letters) == ([], [], [message], [])


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("ada@example.org", "Hello\nBcc: everybody@example.org"),
        ("ada@example.org, eve@example.org", "Hello"),
        ("", "Hello"),
    ],
)
async def test_what_cannot_be_a_letter_is_given_up(
    fresh_database: Database, tmp_path: Path, to: str, subject: str
) -> None:
    await write(fresh_database, to, subject=subject)
    await write(fresh_database, "ada@example.org")
    await deliver(fresh_database, post=Post(SENDER, tmp_path))
    wrong, right = await messages(fresh_database)
    assert (wrong.status, right.status) == (STATUS.FAILED, STATUS.DELIVERED)
    assert wrong.problem is not None
    assert wrong.problem.startswith("it cannot be written: ")
    assert len(in_folder(tmp_path)) == 1


async def test_an_email_that_is_written_twice_is_one_file(fresh_database: Database, tmp_path: Path) -> None:
    """As after a worker was killed between writing it and saying so."""
    await write(fresh_database, "ada@example.org")
    await deliver(fresh_database, post=Post(SENDER, tmp_path))
    [message] = await messages(fresh_database)
    await send_all(Post(SENDER, tmp_path), [message])
    assert len(in_folder(tmp_path)) == 1
