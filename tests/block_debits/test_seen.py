"""Who pays, as it is simulated, told and shown: the same code as the real thing, and to everybody only what is theirs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.blocks import BlockKind
from domain.commands.simulations import FileSimulate
from domain.global_ids import seal
from domain.imports.lines import Line
from domain.people import ENGINE, Principal, Role, Scope
from domain.services.explanations import explanations
from domain.services.member_export import everything_of
from domain.services.simulations.files import file_simulate
from domain.simulations import Totals
from tests.simulation.asking import again, simulated_entry
from tests.support.factories import a_partner, a_person, acting, result_of
from tests.support.graphql import Client
from tests.support.members import a_member, herself
from tests.support.promotions import a_draft_promotion, activated, gives
from tests.support.stock import Hotel, answer_of
from tests.support.transactions import counts

REFUSAL = """query($id: ID!) { node(id: $id) { ... on Transaction { decisions {
    refusal { code message ... on InsufficientPointBlocks { partner available required } } text } } } }"""
TODAY = datetime.now(UTC).date()
DECISION = """query($id: ID!) { node(id: $id) { ... on Transaction { decisions {
    debits { blockId partner lotPosition points } bills { partner amount } text } } } }"""


async def decision(hotel: Hotel, actor: Principal, number: int) -> Any:
    """The last decision about a transaction, as somebody sees it."""
    shown = await Client(hotel.database, actor).ask(DECISION, id=seal("Transaction", number))
    return shown["node"]["decisions"][-1]


async def test_a_simulation_draws_from_the_same_blocks_and_takes_nothing(hotel: Hotel) -> None:
    block = await hotel.block(25)
    before = await counts(hotel.database)

    shown = await simulated_entry(hotel, hotel.entry())
    short = await simulated_entry(hotel, hotel.entry(amount=Decimal(26)))

    assert [(each.block_id, each.points) for each in shown.decisions[0].debits] == [(block.id, Decimal(10))]
    assert answer_of(short.receipt) == ("INSUFFICIENT_POINT_BLOCKS",)
    assert await counts(hotel.database) == before


async def test_a_simulated_overdraft_is_not_opened(hotel: Hotel) -> None:
    await hotel.agree(credit_limit=Decimal(100))

    shown = await simulated_entry(hotel, hotel.entry())

    assert [(each.block_id, each.partner, each.points) for each in shown.decisions[0].debits] == [
        (None, hotel.hotel.code, Decimal(10))
    ]
    assert await hotel.blocks() == []


async def test_a_file_uses_up_the_blocks_as_it_would_if_it_were_processed(hotel: Hotel) -> None:
    await hotel.block(45)
    guests = [await a_member(hotel.database, hotel.program) for _ in range(3)]
    lines = [
        Line(
            number,
            {
                "external_id": f"E{number}", "member_number": guests[number % 3].number, "type": "ACCRUAL",
                "transaction_date": TODAY, "amount": Decimal(10), "partner": hotel.hotel.code,
            },
        )
        for number in range(6)
    ]  # fmt: skip
    totals, command = Totals(), FileSimulate(program=hotel.program.code)
    async for _ in file_simulate(hotel.database, hotel.desk.programs, ENGINE, command, lines, totals=totals):
        pass

    assert totals.outcomes == {"NO_PROMOTIONS_QUALIFIED": 4, "INSUFFICIENT_POINT_BLOCKS": 2}
    assert totals.given == {"POINTS": 40}


async def test_what_was_processed_comes_out_the_same_though_its_block_is_empty_now(hotel: Hotel) -> None:
    await hotel.block(10)
    stay = result_of(await hotel.earn(10))

    shown = await again(hotel, stay)

    assert (shown.receipt.errors, shown.differs) == ((), ())


async def test_a_decision_tells_who_paid_to_employees_and_to_the_partner_that_did(hotel: Hotel) -> None:
    block = await hotel.block(100)
    stay = result_of(await hotel.earn(10))
    clerk = acting(await a_person(hotel.database, Role.PARTNER_REPRESENTATIVE, partner=hotel.hotel.code))
    sentence = f"Block {block.id} of partner {hotel.hotel.code} pays 10 points."
    line = {
        "blockId": seal("PointBlock", block.id), "partner": hotel.hotel.code, "lotPosition": 0, "points": "10.00",
    }  # fmt: skip

    for actor in (hotel.msr, clerk):
        shown = await decision(hotel, actor, stay.id)
        assert shown["debits"] == [line]
        assert sentence in shown["text"]
    async with hotel.database.read() as reader:
        [told] = await explanations(reader, Scope(), stay)
    assert sentence in told


async def test_a_member_is_not_told_what_points_cost(hotel: Hotel) -> None:
    await hotel.block(100)
    stay = result_of(await hotel.earn(10))

    shown = await decision(hotel, herself(hotel.member), stay.id)
    async with hotel.database.read() as reader:
        exported = await everything_of(reader, hotel.member)

    assert shown["debits"] == []
    assert not any("Block" in sentence for sentence in shown["text"])
    assert "Block" not in str(exported["decisions"])


async def test_a_partner_sees_what_it_paid_and_not_what_others_did(hotel: Hotel) -> None:
    await hotel.block(100)
    stay = result_of(await hotel.earn(10))
    rival = await a_partner(hotel.database, hotel.program)
    other = Principal(None, "rival", frozenset({Role.PARTNER_REPRESENTATIVE}), Scope(partner_id=rival.id))

    shown = await Client(hotel.database, other).ask(DECISION, id=seal("Transaction", stay.id))

    assert shown["node"] is None


async def test_what_comes_back_and_what_is_owed_is_told_in_words(hotel: Hotel) -> None:
    block = await hotel.block(100)
    stay = result_of(await hotel.earn(10))
    back = result_of(await hotel.cancel(stay))

    shown = await decision(hotel, hotel.msr, back.id)

    assert f"Block {block.id} of partner {hotel.hotel.code} gets 10 points back." in shown["text"]


async def test_a_promotion_may_draw_only_from_blocks_made_for_it(hotel: Hotel) -> None:
    plain = await hotel.block(100, ends_on=TODAY + timedelta(days=3))
    draft = await a_draft_promotion(hotel.database, hotel.program, gives(25), own_blocks_only=True)
    made = await hotel.block(40, kind=BlockKind.PROMOTION, promotion_id=draft.id)
    promotion = await activated(hotel.database, hotel.program, draft)

    stay = result_of(await hotel.earn(10))
    refused = await hotel.earn(10)

    assert await hotel.debits(stay) == [(0, plain.id, 10), (1, made.id, 25)]
    [problem] = refused.errors
    assert (getattr(problem, "promotion", None), getattr(problem, "available", None)) == (promotion.code, 15)
    assert promotion.code in problem.message
    query = "query($p: String!, $c: String!) { promotion(program: $p, code: $c) { ownBlocksOnly } }"
    administrator = acting(await a_person(hotel.database, Role.PROGRAM_ADMINISTRATOR))
    shown = await Client(hotel.database, administrator).ask(query, p=hotel.program.code, c=promotion.code)
    assert shown["promotion"]["ownBlocksOnly"] is True


async def refusal(hotel: Hotel, actor: Principal, number: int) -> tuple[Any, list[str]]:
    """Why the last attempt at a transaction was refused, and in sentences, as somebody sees it."""
    shown = await Client(hotel.database, actor).ask(REFUSAL, id=seal("Transaction", number))
    last = shown["node"]["decisions"][-1]
    return last["refusal"], last["text"]


async def test_how_little_a_partner_has_left_is_told_to_itself_and_to_the_host_alone(hotel: Hotel) -> None:
    await hotel.block("7.25")
    refused = await hotel.earn(10)
    assert refused.result is not None
    clerk = acting(await a_person(hotel.database, Role.PARTNER_REPRESENTATIVE, partner=hotel.hotel.code))
    sentence = f"10.00 points are needed of the blocks of partner '{hotel.hotel.code}', 7.25 are left."

    for actor in (hotel.msr, clerk):
        shown, text = await refusal(hotel, actor, refused.result.id)
        assert (shown["message"], shown["available"], shown["required"]) == (sentence, "7.25", "10.00")
        assert f"Refused: {sentence} Nothing was given or taken." in text
    shown, text = await refusal(hotel, herself(hotel.member), refused.result.id)
    async with hotel.database.read() as reader:
        exported = await everything_of(reader, hotel.member)

    assert shown == {
        "code": "INSUFFICIENT_POINT_BLOCKS", "partner": hotel.hotel.code, "available": None, "required": None,
        "message": f"Too few points are left of the blocks of partner '{hotel.hotel.code}'.",
    }  # fmt: skip
    assert f"Refused: {shown['message']} Nothing was given or taken." in text
    assert "7.25" not in str(text) + str(exported["decisions"])
