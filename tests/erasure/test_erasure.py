"""Erasing a member takes everything personal away, and not one point."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.commands.erasure import MemberErase
from domain.commands.holds import PointsHold
from domain.commands.members import ConsentGiven, MemberReference, MemberStatusChange, MemberUpdate
from domain.commands.merges import MemberMerge
from domain.commands.programs import SettingsChange
from domain.deliveries import Email
from domain.engine.decision import ChangeLine, Decision, FailedLine
from domain.erasure import ERASED, MemberErased, PointsRemain, without_person
from domain.families import MemberFinal
from domain.members import Address, Identifier, Member, MemberStatus
from domain.moves import Move
from domain.people import ENGINE, Role, Scope
from domain.problems import Missing, NotAllowed
from domain.services import member_export
from domain.services.engine_programs import EnginePrograms
from domain.services.erasure import member_erase
from domain.services.holds import points_hold
from domain.services.member_export import everything_of
from domain.services.member_status import member_status_change
from domain.services.member_updates import member_update
from domain.services.members import member_find
from domain.services.merges import member_merge
from domain.services.posting import Desk
from domain.services.verify import verify
from domain.store import members, outbox, people
from domain.store import tables as t
from domain.store.database import Database
from domain.store.json import encode
from domain.transactions import LineItem
from tests.erasure.comments import COMMENTS, asked_for
from tests.graphql.shop import open_shop
from tests.graphql.web import serving
from tests.support.factories import a_person, result_of
from tests.support.guards import ERASABLE
from tests.support.members import a_member, by_number, refusal
from tests.support.transactions import Stage, a_key, a_stage

SECRETS = ("Byron", "byron@", "+4930901820", "Ockham", "CARD-7", "whisper", "ada-login", "1915-12-10")
"""What must not be found anywhere afterwards."""


@pytest_asyncio.fixture
async def stage(fresh_database: Database) -> AsyncIterator[Stage]:
    desk = Desk(fresh_database, EnginePrograms())
    yield await a_stage(desk, settings=SettingsChange(approval_above={}))
    await desk.close()


async def byron(stage: Stage, **values: Any) -> Member:
    """Somebody of whom much is known."""
    profile = {
        "name": "Augusta Byron", "email": "byron@example.com", "phone": "+4930901820", "birth_date": date(1915, 12, 10),
        "address": Address(("Ockham Park",), "Ockham"), "identifiers": (Identifier("CARD", "CARD-7"),),
        "consents": (ConsentGiven("NEWSLETTER whisper", given=True),), "attributes": {"motto": "whisper"},
    }  # fmt: skip
    return await a_member(stage.database, stage.program, **{**profile, **values})


async def erase(stage: Stage, member: Member, **values: Any) -> Member:
    command = MemberErase(
        **{"idempotency_key": a_key(), "member": MemberReference(id=member.id), "reason": "Asked to", **values}
    )
    return result_of(await member_erase(stage.database, ENGINE, command))


async def found(database: Database) -> dict[str, list[str]]:
    """Where a secret still stands, by table."""
    places = {}
    async with database.read() as reader:
        for table in t.metadata.sorted_tables:
            rows = (await reader.execute(text(f'select x::text from "{table.name}" x'))).scalars().all()
            if hits := sorted({secret for row in rows for secret in SECRETS if secret in row}):
                places[table.name] = hits
        bodies = (await reader.execute(text("select body from decision"))).scalars().all()
    hits = sorted({secret for body in bodies for secret in SECRETS if secret.encode() in bytes(body)})
    return places | ({"decision": hits} if hits else {})


async def broken(database: Database) -> list[str]:
    return [each.invariant.name async for each in verify(database) if each.violations]


async def everywhere(stage: Stage, member: Member) -> None:
    """Let what is known of the member be said in all places."""
    await asked_for(stage, member)
    database, reference = stage.database, MemberReference(id=member.id)
    lines = (LineItem(None, Decimal(1), Decimal(5), {"engraving": "whisper"}),)
    entry = stage.entry(amount=Decimal(50), comment="whisper", attributes={"gift": "whisper"}, line_items=lines)
    recorded = await stage.record(entry, member=reference)
    await stage.moved(Move.ACCEPT, recorded, comment="whisper")
    await stage.moved(Move.PROCESS, recorded)
    hold = PointsHold(
        idempotency_key=a_key(), program=stage.program.code, member=reference, points=Decimal(5), comment="whisper"
    )
    assert (await points_hold(database, stage.desk.programs, stage.msr, hold)).errors == ()
    for status in (MemberStatus.SUSPENDED, MemberStatus.ACTIVE):
        change = MemberStatusChange(member=reference, status=status, reason="whisper")
        await member_status_change(database, ENGINE, change)
    await a_person(
        database, Role.MEMBER, program=stage.program.code, member=reference, subject="ada-login",
        name="Augusta Byron", email="byron@example.com",
    )  # fmt: skip
    async with database.write() as writer:
        mail = Email("Byron@example.com", "Dear Augusta Byron", "whisper", stage.program.id)
        other = Email("grace@example.com", "Hello", "Somebody else", stage.program.id)
        await outbox.add_emails(writer, [mail, other], datetime(2026, 5, 4, tzinfo=UTC))


async def test_nothing_personal_is_left_anywhere_and_every_sum_is_what_it_was(stage: Stage) -> None:
    member = await byron(stage)
    await everywhere(stage, member)
    before = await stage.balance(member)
    assert set(await found(stage.database)) >= {
        "member", "member_identifier", "transaction", "approval", "member_change", "point_hold", "person", "outbox",
        "voucher_move", "maximum_loan_move", "tier_request", "tier_request_move",
    }  # fmt: skip

    erased = await erase(stage, member, forfeit=True)

    assert await found(stage.database) == {}
    assert (erased.number, erased.name, erased.status) == (member.number, ERASED, MemberStatus.CANCELLED)
    assert erased.erased_at is not None
    after = await stage.balance(member)
    lapsed = before.available + before.held
    assert after == replace(before, available=Decimal(0), held=Decimal(0), expired=lapsed)
    assert await broken(stage.database) == []
    async with stage.database.read() as reader:
        kept = (await reader.execute(text("select count(*) from outbox where body like '%grace@%'"))).scalar_one()
        record = (
            await reader.execute(text("select fields, reason from member_change order by version desc limit 1"))
        ).one()
        person = await people.find(reader, Scope(), "ada-login")
    assert (kept, tuple(record), person) == (1, (["erase"], "Asked to"), None)


async def test_whoever_is_erased_is_found_by_number_alone(stage: Stage) -> None:
    member = await byron(stage)
    await erase(stage, member)
    code = stage.program.code
    for reference in (
        MemberReference(card="CARD-7"), MemberReference(email="byron@example.com"), MemberReference(phone="+4930901820")
    ):  # fmt: skip
        assert await member_find(stage.database, ENGINE, reference, code) is None
    shown = await member_find(stage.database, ENGINE, MemberReference(number=member.number), code)
    assert shown is not None
    assert (shown.id, shown.name, shown.identifiers, shown.consents, shown.attributes) == (
        member.id,
        ERASED,
        (),
        (),
        {},
    )


async def test_points_that_remain_are_a_refusal_until_they_are_given_up(stage: Stage) -> None:
    member = await byron(stage)
    await stage.earn(70, member=member)
    with refusal(PointsRemain(point_type="POINTS", points=Decimal(70), path=("input", "forfeit"))):
        await erase(stage, member)
    assert (await stage.balance(member)).available == Decimal(70)
    assert "member" in await found(stage.database)


async def test_a_second_time_changes_nothing(stage: Stage) -> None:
    member = await byron(stage)
    once = await erase(stage, member)
    assert await erase(stage, member, reason="Again") == once
    async with stage.database.read() as reader:
        query = text("select count(*) from member_change where member_id = :id and fields = array['erase']")
        assert (await reader.execute(query, {"id": member.id})).scalar_one() == 1


async def test_who_was_merged_into_the_member_is_erased_with_it(stage: Stage) -> None:
    twin, stays = await byron(stage), await a_member(stage.database, stage.program, name="Ada Byron")
    command = MemberMerge(
        idempotency_key=a_key(), member=MemberReference(id=twin.id), into=MemberReference(id=stays.id), reason="whisper"
    )
    await member_merge(stage.database, stage.desk.programs, ENGINE, command)
    with refusal(MemberFinal(status=MemberStatus.MERGED, path=("input", "member"))):
        await erase(stage, twin)
    await erase(stage, stays)
    assert await found(stage.database) == {}
    async with stage.database.read() as reader:
        gone = await members.load(reader, Scope(), twin.id)
    assert gone is not None
    assert (gone.status, gone.name, gone.merged_into_id) == (MemberStatus.MERGED, ERASED, stays.id)
    assert await broken(stage.database) == []


async def test_nothing_about_an_erased_member_is_written_again(stage: Stage) -> None:
    erased = await erase(stage, await byron(stage))
    update = MemberUpdate(member=MemberReference(id=erased.id), expected_version=erased.version, name="Byron")
    why = "the member is CANCELLED, and nothing about it changes any more"
    with refusal(NotAllowed(why=why, path=("input", "member"))):
        await member_update(stage.database, ENGINE, update)
    entry: dict[str, Any] = {"comment": "whisper", "attributes": {"gift": "whisper"}}
    assert (await stage.earn(10, member=erased, **entry)).errors == (MemberErased(path=("input", "member")),)
    for queue in (False, True):
        with refusal(MemberErased(path=("input", "member"))):
            await stage.record(stage.entry(amount=Decimal(10), **entry), member=by_number(erased), queue=queue)
    assert await found(stage.database) == {}


async def test_verify_finds_a_card_and_a_login_of_an_erased_member(stage: Stage) -> None:
    erased = await erase(stage, await byron(stage))
    async with stage.database.write() as writer:
        known = {"id": erased.id, "program": stage.program.id}
        await writer.execute(text("insert into member_identifier values (:program, 'CARD', 'X', :id)"), known)
        await writer.execute(
            text(
                "insert into person (subject, name, roles, program_id, member_id, tier_approver, active, version,"
                " transaction_approval_limit, loan_approval_limit)"
                " values ('back', 'B', '{MEMBER}', :program, :id, false, true, 1, 0, 0)"
            ),
            known,
        )
    [finding] = [each async for each in verify(stage.database) if each.violations]
    assert (finding.invariant.name, len(finding.violations)) == ("erased", 2)


async def test_the_export_says_all_that_an_erasure_would_take(stage: Stage) -> None:
    member = await byron(stage)
    await everywhere(stage, member)
    async with stage.database.read() as reader:
        document = await everything_of(reader, member)
    assert [secret for secret in (*SECRETS, *COMMENTS, "Dear Augusta Byron") if secret not in encode(document)] == []
    [transaction] = document["transactions"]
    assert transaction["totals"] is not None
    assert (len(document["lots"]), len(document["holds"]), document["lotUses"]) == (1, 1, [])
    assert document["decisions"][str(transaction["id"])] != []


async def test_an_erasure_needs_a_reason(stage: Stage) -> None:
    with refusal(Missing(why="an erasure needs a reason", path=("input", "reason"))):
        await erase(stage, stage.member, reason=" ")


async def test_others_keep_everything(stage: Stage) -> None:
    other, erased = await byron(stage), await a_member(stage.database, stage.program)
    await everywhere(stage, other)
    before = await found(stage.database)
    await erase(stage, erased)
    assert await found(stage.database) == before


def test_a_decision_forgets_what_rules_saw_and_changed_and_keeps_its_numbers() -> None:
    decision = Decision(
        3, datetime(2026, 5, 4, tzinfo=UTC), date(2026, 5, 4), "SUCCESS", seen=("Ockham", "7"),
        failed=(FailedLine(1, 1, "CRITERION", 1, 1, "Ockham"), FailedLine(2, 1, "DATE")),
        changes=(ChangeLine(1, "member.attributes.town", "Ockham", "Turin"), ChangeLine(1, "counters.visits", 1, 2)),
    )  # fmt: skip
    left = without_person(decision)
    assert left.seen == (ERASED, ERASED)
    assert left.failed == (FailedLine(1, 1, "CRITERION", 1, 1, ERASED), FailedLine(2, 1, "DATE"))
    assert left.changes == (
        ChangeLine(1, "member.attributes.town", ERASED, ERASED),
        ChangeLine(1, "counters.visits", 1, 2),
    )
    assert (left.program_version, left.sub_status) == (3, "SUCCESS")
    nothing = Decision(3, datetime(2026, 5, 4, tzinfo=UTC), date(2026, 5, 4), "SUCCESS")
    assert without_person(nothing) is nothing


async def test_the_database_lets_texts_go_only_where_the_member_is_erased(stage: Stage) -> None:
    member = await byron(stage)
    await everywhere(stage, member)
    for table in ("approval", "decision", "member_change", "point_hold"):
        column = ERASABLE[table]
        value = column if column == "body" else "null"
        with pytest.raises(IntegrityError, match="only of an erased member"):
            async with stage.database.write() as writer:
                await writer.execute(text(f"update {table} set {column} = {value}"))
    await erase(stage, member, forfeit=True)
    for table in ("approval", "member_change", "point_hold"):
        with pytest.raises(IntegrityError, match="can only be taken away"):
            async with stage.database.write() as writer:
                await writer.execute(text(f"update {table} set {ERASABLE[table]} = 'new'"))
    with pytest.raises(IntegrityError, match="ck_member_erased"):
        async with stage.database.write() as writer:
            await writer.execute(text("update member set email = 'a@example.com' where id = :id"), {"id": member.id})


async def test_administrators_erase_and_nobody_else(fresh_database: Database) -> None:
    async with serving(fresh_database) as web:
        shop = await open_shop(web)
        number = await shop.enroll(email="byron@example.com")
        await shop.earn(number, "40")
        given = {
            "program": shop.program, "member": {"number": number}, "reason": "Asked to", "idempotencyKey": a_key(),
        }  # fmt: skip
        for caller in (shop.msr, shop.manager):
            answer = await caller.answer(
                "mutation($input: MemberEraseInput!) { memberErase(input: $input) { errors { code } } }", input=given
            )
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
        assert await shop.administrator.refused("memberErase", **given) == [("POINTS_REMAIN", "forfeit")]
        shown = "member { number name email status erasedAt balances { available expired } }"
        payload = await shop.administrator.done("memberErase", shown, **given, forfeit=True)
        assert payload["member"].pop("erasedAt") is not None
        assert payload["member"] == {
            "number": number, "name": ERASED, "email": None, "status": "CANCELLED",
            "balances": [{"available": "0", "expired": "40"}],
        }  # fmt: skip
        again = await shop.administrator.done("memberErase", "replayed member { name }", **given, forfeit=True)
        assert again == {"replayed": True, "member": {"name": ERASED}, "errors": []}
        assert await shop.administrator.refused("memberErase", **given) == [
            ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
        ]


EXPORT = "query($p: String, $n: String!) { memberExport(program: $p, reference: { number: $n }) }"


async def test_administrators_export_what_is_known_of_a_member_of_theirs(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(fresh_database) as web:
        shop, elsewhere = await open_shop(web), await open_shop(web)
        number = await shop.enroll(email="byron@example.com")
        await shop.earn(number, "40")
        asked = {"p": shop.program, "n": number}
        document = json.loads((await shop.administrator.ask(EXPORT, **asked))["memberExport"])
        assert (document["member"], document["profile"][0]["email"]) == (number, "byron@example.com")
        assert [each["remaining"] for each in document["lots"]] == [40]
        stranger = await web.person(Role.PROGRAM_ADMINISTRATOR, program=elsewhere.program)
        assert await stranger.ask(EXPORT, **asked) == {"memberExport": None}
        for caller in (shop.msr, shop.manager):
            assert (await caller.answer(EXPORT, **asked))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        monkeypatch.setattr(member_export, "MOST_TRANSACTIONS", 0)
        [error] = (await shop.administrator.answer(EXPORT, **asked))["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_the_same_erasure_again_finds_the_member_by_its_key_though_the_email_is_gone(stage: Stage) -> None:
    member = await byron(stage)
    command = MemberErase(
        idempotency_key="letter",
        program=stage.program.code,
        member=MemberReference(email=member.email),
        reason="Asked to",
    )
    first = result_of(await member_erase(stage.database, ENGINE, command))
    again = await member_erase(stage.database, ENGINE, command)
    assert (again.replayed, again.result) == (True, first)
