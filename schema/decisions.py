"""Decisions: why a transaction gave or took what it did, as data and in sentences."""

import asyncio
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import strawberry

import domain.decided_costs as costs
import domain.decisions as d
from domain.engine.explain import Story, explain
from domain.global_ids import seal
from domain.programs import CalculationRule
from domain.tiers import TierReason
from domain.transactions import SubStatus, SubType
from domain.vouchers import VoucherMove, VoucherSource
from schema.base import computed, direct, loaded, offers, shows
from schema.ledger import Lot
from schema.loads import LOT, LOTS_OF_TRANSACTION, PAYOUT_OF_TRANSACTION, PRODUCT, TRANSACTION, USES_OF_TRANSACTION
from schema.problems import UserError, told
from schema.programs import BaseRule
from schema.scalars import Points

offers(d.BaseSource)
offers(d.Obstacle)
offers(d.PaymentKind)
offers(VoucherSource)
offers(VoucherMove)
offers(CalculationRule)
offers(SubStatus, "TransactionSubStatus")
offers(TierReason)

PROMOTION = "The code of the promotion."
POINT_TYPE = "The code of the point type."


def _code(shown: Any) -> str:
    return str(shown.promotion.code)


@shows(d.Base)
class DecidedBase:
    """Base points, the minimum that a member receives or pays; for a redemption, what it costs."""

    source: d.BaseSource = strawberry.field(description="Where they come from.")
    rule: int | None = strawberry.field(description="Which base rule of the program, counted from 1.")
    definition: BaseRule | None = strawberry.field(description="That rule, as it was.")
    points: Decimal = strawberry.field(description="Exact, before they are rounded for their lot.")
    point_type: str = strawberry.field(description=POINT_TYPE)


@shows(d.Considered)
class ConsideredPromotion:
    """A promotion that the engine looked at: it fired, or the first reason why it did not."""

    promotion: str = computed(_code, PROMOTION)
    name: str = computed(lambda considered: considered.promotion.name, "For people.")
    version: int = computed(lambda considered: considered.promotion.version, "The version of it that was active.")
    fired: bool = strawberry.field(description="Whether at least one of its rules did.")
    rules: list[int] = strawberry.field(description="The rules that fired, counted from 1.")
    reason: d.Obstacle | None = strawberry.field(description="Null if it fired.")
    rule: int | None = strawberry.field(description="For CRITERION: of which rule, counted from 1.")
    criterion: int | None = strawberry.field(description="For CRITERION: which one did not hold, counted from 1.")
    seen: str | None = strawberry.field(description="The value that it found, or `empty`.")


@shows(d.DecidedAward)
class DecidedAward:
    """Points that a promotion proposed."""

    promotion: str = computed(_code, PROMOTION)
    point_type: str = strawberry.field(description=POINT_TYPE)
    qualifying: bool = strawberry.field(description="Whether they count towards a tier; all others are bonus points.")
    exact: Decimal = strawberry.field(description="As computed from the base points.")
    rounded: Points = strawberry.field(description="Rounded half up to the decimals of the point type.")
    limited: Points = strawberry.field(description="What the limits of the promotion left of them.")
    weighted: Decimal = strawberry.field(
        description="That, times the weight of such points: what counts in the contest."
    )
    paid: bool = strawberry.field(description="Whether it won the contest of the promotions, or is outside of it.")
    always: bool = strawberry.field(description="Whether the promotion is outside of the contest.")


def _shown(value: Any) -> str | None:
    return None if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


@shows(d.AttributeChange)
class AttributeChange:
    """A member attribute or counter that a fired rule changed."""

    promotion: str = computed(_code, PROMOTION)
    attribute: str = strawberry.field(description="As rules name it: `counters.visits`.")
    before: str | None = computed(lambda change: _shown(change.before), "Null: it was empty.")
    after: str | None = computed(lambda change: _shown(change.after), "Null: it is empty.")


@shows(d.TierChange)
class TierChange:
    """A tier that began because of this transaction."""

    tier_class: str = strawberry.field(description="The code of the class.")
    before: str | None = strawberry.field(description="The code of the tier held before.")
    after: str = strawberry.field(description="The code of the tier held from then on.")
    ends_on: date | None = strawberry.field(description="Its last day; null: until another follows.")
    reason: TierReason


@shows(d.Payment)
class DecidedPayment:
    """A part of a price that points did not pay."""

    kind: d.PaymentKind
    name: str = strawberry.field(description="The number of the voucher, or the kind of money.")
    points: Decimal = strawberry.field(description="What it is worth, exact.")
    point_type: str = strawberry.field(description=POINT_TYPE)


@shows(d.GivenVouchers)
class DecidedVouchers:
    """Vouchers that were given."""

    voucher_type: str = strawberry.field(description="The code of their type.")
    quantity: int
    source: VoucherSource = strawberry.field(description="Why.")
    promotion: str | None = computed(lambda given: given.promotion and given.promotion.code, PROMOTION)


@shows(d.ReturnedLot)
class ReturnedLot:
    """What a cancellation took back of a lot, or put back into it."""

    lot: Lot | None = loaded(LOT, by=lambda each: each.key, description="The lot.")
    point_type: str = strawberry.field(description=POINT_TYPE)
    points: Points = strawberry.field(description="All of it.")
    lapsed: Points = strawberry.field(description="Those of them that had expired: neither taken nor usable.")


def _percent(share: Fraction) -> Decimal:
    return round(Decimal(share.numerator) / share.denominator, 6).normalize()


@shows(d.ReturnedVoucher)
class ReturnedVoucher:
    """A voucher that a cancellation moved."""

    number: str = strawberry.field(description="Of the voucher.")
    voucher_type: str = strawberry.field(description="The code of its type.")
    move: VoucherMove = strawberry.field(description="CANCEL: taken back; RESTORE: it can be used again.")


@shows(d.Reversal)
class Reversal:
    """What a cancellation took back."""

    before: Decimal = computed(lambda each: _percent(each.before), "The share that had come back before; 1 is all.")
    after: Decimal = computed(lambda each: _percent(each.after), "The share that had come back with it.")
    lots: list[ReturnedLot] = strawberry.field(description="Lot by lot.")
    vouchers: list[ReturnedVoucher] = strawberry.field(description="Vouchers that it took back or set free.")


@shows(d.BalanceChange)
class BalanceChange:
    """Available points before and after."""

    point_type: str = strawberry.field(description=POINT_TYPE)
    before: Points = strawberry.field(description="Before this transaction.")
    after: Points = strawberry.field(description="After it.")


@shows(d.LoanChange)
class LoanChange:
    """Points that were lent or repaid."""

    point_type: str = strawberry.field(description=POINT_TYPE)
    lent: Points
    repaid: Points
    before: Points = strawberry.field(
        description="Of a loan: what the member owed of this kind before; of a repayment: what was outstanding of its loan."
    )
    after: Points = strawberry.field(description="The same afterwards.")
    limit: Points | None = strawberry.field(description="Up to how much could be owed; null for a repayment.")


def _block(debit: costs.DecidedDebit) -> str | None:
    return None if debit.block_id is None else seal("PointBlock", debit.block_id)


@shows(costs.DecidedDebit)
class BlockDebit:
    """Points of a point block that paid for a lot, or that came back of it."""

    block_id: strawberry.ID | None = computed(_block, "The block's id; null for one that was still to be made.")
    partner: str | None = strawberry.field(description="The code of its partner; null: it is the host's.")
    lot_position: int = strawberry.field(description="The position of the lot in its transaction.")
    points: Decimal = strawberry.field(description="Points of the block; below 0: they came back.")


@shows(costs.DecidedBill)
class BilledPoints:
    """Points for which a partner is billed afterwards, or which are taken off its bill again."""

    partner: str = strawberry.field(description="The code of the partner.")
    lot_position: int = strawberry.field(description="The position of the lot in its transaction.")
    point_type: str = strawberry.field(description=POINT_TYPE)
    points: Decimal = strawberry.field(description="Points of the member; below 0: they are taken off again.")
    price: Decimal = strawberry.field(description="Per point, by the rate in force on the transaction date.")
    currency: str = strawberry.field(description="ISO 4217: `EUR`.")
    percentage: Decimal = strawberry.field(description="The part of it that is billed.")
    amount: Decimal = strawberry.field(description="Points times price times percentage.")


def _debits(decision: d.Decision, info: Any) -> list[costs.DecidedDebit]:
    return list(costs.shown_to(info.context.principal.scope, decision.debits))


def _bills(decision: d.Decision, info: Any) -> list[costs.DecidedBill]:
    return list(costs.shown_to(info.context.principal.scope, decision.bills))


def _considered(decision: d.Decision, info: Any) -> list[d.Considered]:
    """What was agreed with other partners alone is none of a partner's business."""
    of_partner = info.context.principal.scope.partner_id is not None
    return [each for each in decision.considered if not (of_partner and each.reason is d.Obstacle.PARTNER)]


async def _text(decision: d.Decision, info: Any) -> list[str]:
    """The ledger of a transaction does not know attempts: it belongs to the one that went through."""
    load = info.context.load
    decision = replace(
        decision,
        refusal=None if decision.refusal is None else await told(decision.refusal, info.context),
        considered=tuple(_considered(decision, info)),
        debits=tuple(_debits(decision, info)),
        bills=tuple(_bills(decision, info)),
    )
    key = (decision.member_id, decision.transaction_id)
    transaction = await load(TRANSACTION, decision.transaction_id)
    product, lots, uses, payout = await asyncio.gather(
        _optional(load, PRODUCT, transaction.product_id),
        load(LOTS_OF_TRANSACTION, key),
        load(USES_OF_TRANSACTION, key),
        _optional(
            load, PAYOUT_OF_TRANSACTION, transaction.id if transaction.sub_type is SubType.ACTION_BASED_BONUS else None
        ),
    )
    keys = [(use.member_id, use.lot_transaction_id, use.lot_position) for use in uses]
    sources = await asyncio.gather(*(load(LOT, key) for key in keys))
    went_through = decision.refusal is None
    return explain(
        Story(
            decision=decision,
            transaction=transaction,
            product=product and product.code,
            lots=lots if went_through else (),
            uses=uses if went_through else (),
            sources=sources if went_through else (),
            payout=payout,
        )
    )


async def _optional(load: Any, what: Any, key: int | None) -> Any:
    return None if key is None else await load(what, key)


@shows(d.Decision)
class Decision:
    """The stored record of one attempt at a transaction: enough to see, and to repeat, what the engine did."""

    attempt: int = strawberry.field(description="Counted from 1.")
    program_version: int = strawberry.field(description="The version of the program that it was made with.")
    processed_at: datetime = strawberry.field(description="The moment of it: expiry and balances are as of then.")
    today: date = strawberry.field(description="The date of that moment in the program's time zone.")
    sub_status: SubStatus = strawberry.field(description="How it ended.")
    calculation_rule: CalculationRule = strawberry.field(description="How competing promotions were chosen from.")
    base: DecidedBase | None = strawberry.field(description="Null if it was refused before.")
    considered: list[ConsideredPromotion] = direct(_considered, "Those that fired first.")
    awards: list[DecidedAward] = strawberry.field(description="What promotions proposed, paid or not.")
    changes: list[AttributeChange] = strawberry.field(description="What promotions changed about the member.")
    tier: str | None = strawberry.field(description="The code of the dominant tier on the transaction date.")
    tier_changes: list[TierChange] = strawberry.field(description="Tiers that began because of it.")
    payments: list[DecidedPayment] = strawberry.field(description="What paid parts of the price besides points.")
    vouchers: list[DecidedVouchers] = strawberry.field(description="Vouchers that it gave.")
    loans: list[LoanChange] = strawberry.field(description="What it lent or repaid.")
    debits: list[BlockDebit] = direct(_debits, "The point blocks that paid for it, as far as you may see them.")
    bills: list[BilledPoints] = direct(_bills, "What partners are billed for it, as far as you may see it.")
    reversal: Reversal | None = strawberry.field(description="What it took back, for a cancellation.")
    balances: list[BalanceChange] = strawberry.field(description="Per kind of points, where they changed.")
    refusal: UserError | None = strawberry.field(description="Why nothing was given or taken.")
    text: list[str] = direct(_text, "The same in sentences, for the person at the service desk.")
