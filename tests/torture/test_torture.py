"""A short campaign, always the same one: as many steps as it says, however long they take; and one that has to find a mistake."""

from pathlib import Path

from tests.torture.account import CANCELLED, PROCESSED, QUEUED, REJECTED, Account, Held, Original, Waiting
from tests.torture.audit import _holds, _points, _rows
from tests.torture.campaign import Orders, run

SHORT = Orders(seed=4, steps=10, visitors=6, apart=(6, 14))


async def test_whatever_is_killed_and_cut_every_accepted_request_takes_effect_once(tmp_path: Path) -> None:
    report = await run(tmp_path, SHORT)
    assert report.wrong == []
    counts = report.counts
    assert (counts["requests"], counts["answers"]) == (60, 60)
    assert counts["faults"] > 0
    assert counts["cut by the proxy"] > 0
    assert counts["retries"] >= counts["cut by the proxy"]
    assert counts["replayed"] > 0


async def test_a_server_that_forgets_keys_is_found_out(tmp_path: Path) -> None:
    report = await run(tmp_path, Orders(seed=3, steps=6, visitors=6, apart=(1000, 1000), bug="keys"))
    assert report.counts["replayed"] < report.counts["cut by the proxy"]
    assert any("should be there once, and is there 2 times" in each for each in report.wrong)
    assert any("points, and owns" in each for each in report.wrong)


def an_account() -> Account:
    account = Account()
    earned = Original("1", "earn", "ada", 50, 1, drawn=True)
    account.earned(earned)
    account.earned(Original("2", "spend", "ada", 20, -1, drawn=False))
    account.taken_back("refund", earned, 10)
    account.transferred("gift", "ada", "bob", 5)
    account.queued("night", Waiting("bob", 7, drawn=True))
    account.rows |= {"short": REJECTED, "bad": None}
    account.held(Held("3", "desk", "bob", 4))
    return account


ROWS = [
    ("earn", PROCESSED, 1, 1), ("spend", PROCESSED, 1, 1), ("refund", PROCESSED, 1, 1), ("gift", PROCESSED, 1, 1),
    ("night", PROCESSED, 1, 1), ("short", REJECTED, 1, 1),
]  # fmt: skip


def test_what_is_as_it_should_be_is_not_reported() -> None:
    account = an_account()
    assert list(_rows(account, ROWS)) == []
    assert list(_points("lots", account, [("ada", 15), ("bob", 12)])) == []
    assert list(_holds(account, [("desk", "HELD", 0, 4, 1)])) == []
    assert account.drawn == 47


def test_what_is_not_is_reported_by_its_label() -> None:
    account = an_account()
    found = [
        ("earn", PROCESSED, 1, 2),
        ("spend", CANCELLED, 1, 1),
        *ROWS[2:4],
        ("night", QUEUED, 0, 1),
        ("bad", PROCESSED, 1, 1),
    ]
    assert list(_rows(account, found)) == [
        "spend should be PROCESSED, and is CANCELLED",
        "night was worked 0 times",
        "bad should be None, and is PROCESSED",
        "earn should be there once, and is there 2 times",
        "short should be there once, and is there 0 times",
        "bad should be there never, and is there 1 times",
    ]
    assert list(_points("lots", account, [("ada", 16)])) == ["member ada should own 15 points, and owns 16 by lots"]
    account.captured("take", account.holds["desk"] or Held("", "", "", 0), 3)
    assert list(_holds(account, [("desk", "HELD", 0, 4, 1), ("more", "HELD", 0, 4, 1)])) == [
        "hold desk of 4 should have 3 captured, and has 0 of 4",
        "hold desk should have ended, and is HELD",
        "hold more should be there never, and is there 1 times",
    ]
    assert list(_holds(account, [])) == ["hold desk should be there, and is not"]
