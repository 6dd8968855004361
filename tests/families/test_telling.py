"""What is told of points that move between members: why, what would happen, what was, and what would happen again."""

from decimal import Decimal

from domain.commands.programs import ProgramUpdate, SettingsChange
from domain.commands.simulations import TransactionSimulate
from domain.people import ENGINE, Scope
from domain.services import transactions as services
from domain.services.explanations import explanations
from domain.services.programs import program_update
from domain.services.simulations import transaction_simulate
from domain.store import past_balances
from domain.transactions import Transaction, Type
from tests.families.house import ALWAYS, House
from tests.support.factories import result_of
from tests.support.members import a_member, by_number
from tests.support.transactions import counts

EVERYTHING = Scope()


async def sentences(house: House, transaction: Transaction) -> list[str]:
    async with house.database.read() as reader:
        [told] = await explanations(reader, EVERYTHING, transaction)
    return told[1:]


async def accepted(house: House) -> None:
    """Transfers need no approval here."""
    async with house.database.read() as reader:
        now = (await house.stage.desk.programs.current(reader, house.stage.program.id)).program
    command = ProgramUpdate(program=now.code, expected_version=now.version, settings=SettingsChange(approval_above={}))
    await program_update(house.database, ENGINE, command)


async def test_a_transfer_is_explained_on_both_sides(house: House) -> None:
    await accepted(house)
    await house.stage.earn(10)
    sent = result_of(await house.send(house.sending(4)))
    assert await sentences(house, sent) == [
        "Sent: 4 POINTS to another member.",
        f"Taken: 4 POINTS from the lot of {sent.transaction_date}, without expiry.",
        "Available: 10 before, 6 POINTS after.",
    ]
    assert await sentences(house, await house.follower(sent)) == [
        "Came in, sent by another member: 4 POINTS (bonus), without expiry.",
        "Available: 0 before, 4 POINTS after.",
    ]


async def test_a_roll_up_and_an_accounts_share_are_explained(house: House) -> None:
    await house.join(family=house.company, rolls_up_from=ALWAYS, twin_percent=Decimal(10))
    earned = result_of(await house.stage.earn(50))
    twin, out = await house.following(earned.id)
    assert await sentences(house, twin) == [
        "Base points: 5 the share of an account in an accrual of its employee -> 5 POINTS, without expiry.",
        "Available: 0 before, 5 POINTS after.",
    ]
    assert await sentences(house, out) == [
        "Rolled up: 50 POINTS to the household or account.",
        f"Taken: 50 POINTS from the lot of {earned.transaction_date}, without expiry.",
        "Available: 50 before, 0 POINTS after.",
    ]
    assert await sentences(house, await house.follower(out)) == [
        "Came in, earned by somebody who belongs to this household or account: 50 POINTS, without expiry.",
        "Available: 5 before, 55 POINTS after.",
    ]


async def test_a_preview_and_a_simulation_show_the_senders_side_and_leave_nothing(house: House) -> None:
    await accepted(house)
    await house.stage.earn(10)
    before = await counts(house.database)
    seen = await services.preview(house.stage.desk, house.stage.msr, house.sending(4))
    assert (seen.receipt.errors, [each.available for each in seen.balances]) == ((), [Decimal(6)])
    command = house.sending(4)
    tried = await transaction_simulate(
        house.database, house.stage.desk.programs, house.stage.msr,
        TransactionSimulate(
            program=house.stage.program.code, member=command.member, entry=command.entry, recipient=command.recipient
        ),
    )  # fmt: skip
    assert (tried.receipt.errors, [each.available for each in tried.balances]) == ((), [Decimal(6)])
    assert await counts(house.database) == before


async def test_a_simulated_purchase_of_a_child_knows_its_family(house: House) -> None:
    await house.join(rolls_up_from=ALWAYS)
    entry = house.stage.entry(type=Type.ACCRUAL, amount=Decimal(10))
    tried = await transaction_simulate(
        house.database, house.stage.desk.programs, house.stage.msr,
        TransactionSimulate(program=house.stage.program.code, member=by_number(house.ada), entry=entry),
    )  # fmt: skip
    assert tried.receipt.result is not None
    assert [each.points for each in tried.receipt.result.totals] == [Decimal(10)]
    assert [each.available for each in tried.balances] == [Decimal(0)]


async def test_a_processed_transfer_and_a_childs_accrual_come_out_the_same_again(house: House) -> None:
    await accepted(house)
    third = await a_member(house.database, house.stage.program)
    await house.stage.earn(10)
    sent = result_of(await house.send(house.sending(4, to=third)))
    await house.join(rolls_up_from=ALWAYS)
    earned = result_of(await house.stage.earn(20))
    for transaction in (sent, earned):
        again = await transaction_simulate(
            house.database, house.stage.desk.programs, house.stage.msr,
            TransactionSimulate(program=house.stage.program.code, transaction_id=transaction.id),
        )  # fmt: skip
        assert (again.receipt.errors, again.differs) == ((), ())


async def test_balances_as_of_a_moment_before_between_and_after(house: House) -> None:
    await accepted(house)
    earned = result_of(await house.stage.earn(10))
    sent = result_of(await house.send(house.sending(4)))
    await house.join(rolls_up_from=ALWAYS)
    rolled = result_of(await house.stage.earn(20))
    for transaction, mine, theirs in ((earned, 10, 0), (sent, 6, 4), (rolled, 6, 24)):
        assert transaction.processed_at is not None
        async with house.database.read() as reader:
            [[one], [other]] = await past_balances.load_many(
                reader, EVERYTHING, [house.ada.id, house.parent.id], transaction.processed_at
            )
        assert (one.available, other.available) == (Decimal(mine), Decimal(theirs))
        assert one.earned == one.available + one.redeemed
        assert other.earned == other.available
