"""Decisions as people read them: why a transaction gave or took what it did, in codes and names instead of keys.

Made from the stored decision and the version of the program that it was made with; sentences are made of it by
`domain/engine/explain.py`. Rules and criteria are counted from 1, as people do.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain import engine
from domain.decided_costs import DecidedBill, DecidedDebit, bill_of, debit_of
from domain.engine.decision import (
    AwardLine,
    BalanceLine,
    BaseLine,
    ChangeLine,
    FailedLine,
    FiredLine,
    LoanLine,
    PaymentLine,
    ReturnLine,
    ReversalLine,
    TierLine,
    VoucherLine,
)
from domain.engine.rejections import Rejection, restored
from domain.points import BASE_DECIMALS, from_units
from domain.programs import BaseRule, CalculationRule, PointType, Program
from domain.promotions import Promotion
from domain.tiers import TierReason
from domain.transactions import SubStatus
from domain.verdicts import FIRED, OBSTACLES, places, sights
from domain.vouchers import VoucherMove, VoucherSource


class BaseSource(enum.Enum):
    """Where base points, or the price of a redemption, come from."""

    GIVEN = "GIVEN"
    """Base points that came with the transaction."""
    PRICE = "PRICE"
    """The product's price in points, for that partner and date."""
    RULE = "RULE"
    """A base rule of the program."""
    ENTRY = "ENTRY"
    """The points that the transaction is about."""
    NONE = "NONE"
    """No base rule applied: zero."""


class Obstacle(enum.Enum):
    """Why a promotion did not fire: it is not for such a transaction at all, or a criterion of its rules did not hold."""

    DATE = "DATE"
    FINAL_DATE = "FINAL_DATE"
    """It was processed after the final date of a promotion that pays by steps."""
    TYPE = "TYPE"
    PARTNER = "PARTNER"
    PRODUCT = "PRODUCT"
    TIER = "TIER"
    ENROLLMENT = "ENROLLMENT"
    CRITERION = "CRITERION"


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """What the engine knew of a program: its definition, and names for the keys that a decision holds."""

    program: Program
    point_types: Mapping[int, PointType]
    promotions: Mapping[int, Promotion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Base points as they are kept, not yet rounded to the point type; for a redemption, what it costs."""

    source: BaseSource
    rule: int | None
    points: Decimal
    point_type: str
    definition: BaseRule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A promotion that the engine looked at: the rules that fired, or the first reason why none did."""

    promotion: Promotion
    rules: tuple[int, ...] = ()
    reason: Obstacle | None = None
    rule: int | None = None
    criterion: int | None = None
    seen: str | None = None

    @property
    def fired(self) -> bool:
        """Whether at least one of its rules did."""
        return bool(self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAward:
    """Points that a promotion proposed: exact, rounded half up, what limits left of them, what this weighs in the contest, and
    whether it paid.
    """

    promotion: Promotion
    point_type: str
    qualifying: bool
    exact: Decimal
    rounded: Decimal
    limited: Decimal
    weighted: Decimal
    paid: bool
    always: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeChange:
    """A member attribute or counter that a fired rule changed; None: empty."""

    promotion: Promotion
    attribute: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChange:
    """A tier that began today because of this transaction."""

    tier_class: str
    before: str | None
    after: str
    ends_on: date | None
    reason: TierReason


class PaymentKind(enum.Enum):
    """What pays a part of a price besides points."""

    VOUCHER = "VOUCHER"
    TENDER = "TENDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A part of a price that points did not pay: by a voucher (`name`: its number), or by money (`name`: its kind)."""

    kind: PaymentKind
    name: str
    points: Decimal
    point_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenVouchers:
    """Vouchers that were given, and why; the promotion, if one did."""

    voucher_type: str
    quantity: int
    source: VoucherSource
    promotion: Promotion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLot:
    """What was taken back of a lot, or put back into it; `lapsed`: the part of it that had expired."""

    member_id: int
    lot_transaction_id: int
    lot_position: int
    point_type: str
    points: Decimal
    lapsed: Decimal

    @property
    def key(self) -> tuple[int, int, int]:
        """The lot's."""
        return self.member_id, self.lot_transaction_id, self.lot_position


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedVoucher:
    """A voucher that was taken back (CANCEL), or that can be used again (RESTORE)."""

    number: str
    voucher_type: str
    move: VoucherMove


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """What a cancellation took back: of which transaction, and from which share of it to which."""

    original_id: int
    transaction_date: date
    before: Fraction
    after: Fraction
    lots: tuple[ReturnedLot, ...]
    vouchers: tuple[ReturnedVoucher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceChange:
    """Available points before and after."""

    point_type: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanChange:
    """Points that were lent or repaid. For a loan, `before` and `after` are all that was owed of the point type; for a
    repayment, what was outstanding of the loan that it names. `limit`: up to which it was lent.
    """

    loan_id: int
    point_type: str
    lent: Decimal
    repaid: Decimal
    before: Decimal
    after: Decimal
    limit: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One attempt at one transaction."""

    transaction_id: int
    member_id: int
    attempt: int
    program_version: int
    processed_at: datetime
    today: date
    sub_status: SubStatus
    calculation_rule: CalculationRule
    base: Base | None
    considered: tuple[Considered, ...]
    awards: tuple[DecidedAward, ...]
    changes: tuple[AttributeChange, ...]
    balances: tuple[BalanceChange, ...]
    refusal: Rejection | None
    tier: str | None = None
    """The dominant tier on the transaction date; None: the program has none that is shown."""
    tier_changes: tuple[TierChange, ...] = ()
    payments: tuple[Payment, ...] = ()
    vouchers: tuple[GivenVouchers, ...] = ()
    loans: tuple[LoanChange, ...] = ()
    reversal: Reversal | None = None
    debits: tuple[DecidedDebit, ...] = ()
    bills: tuple[DecidedBill, ...] = ()


def read(
    stored: engine.Decision, version: ProgramVersion, *, transaction_id: int, member_id: int, attempt: int
) -> Decision:
    """A stored decision in the words of its program."""
    types = version.point_types
    considered = [
        *(_fired(line, version) for line in stored.fired),
        *(_failed(line, version) for line in stored.failed),
        *_considered(stored, list(version.promotions.values())),
    ]
    return Decision(
        transaction_id=transaction_id,
        member_id=member_id,
        attempt=attempt,
        program_version=stored.program_version,
        processed_at=stored.processed_at,
        today=stored.today,
        sub_status=SubStatus(stored.sub_status),
        calculation_rule=version.program.settings.calculation_rule,
        base=None if stored.base is None else _base(stored.base, version),
        considered=tuple(sorted(considered, key=lambda each: (not each.fired, each.promotion.code))),
        awards=tuple(_award(line, version) for line in stored.awards),
        changes=tuple(_change(line, version) for line in stored.changes),
        balances=tuple(_balance(line, types[line.point_type_id]) for line in stored.balances),
        refusal=None if stored.refusal is None else restored(stored.refusal),
        tier=stored.tier,
        tier_changes=tuple(map(_tier_change, stored.tier_changes)),
        payments=tuple(_payment(line, version) for line in stored.payments),
        vouchers=tuple(_vouchers(line, version) for line in stored.vouchers),
        loans=tuple(_loan(line, types[line.point_type_id]) for line in stored.loans),
        reversal=None if stored.reversal is None else _reversal(stored.reversal, member_id, types),
        debits=tuple(map(debit_of, stored.debits)),
        bills=tuple(bill_of(line, types[line.point_type_id]) for line in stored.bills),
    )


def _base(line: BaseLine, version: ProgramVersion) -> Base:
    return Base(
        source=BaseSource(line.source),
        rule=None if line.rule is None else line.rule + 1,
        points=_plain(line.points),
        point_type=version.point_types[line.point_type_id].code,
        definition=None if line.rule is None else version.program.base_rules[line.rule],
    )


def _plain(points: Decimal) -> Decimal:
    """Without zeros beyond the second decimal, which a price's column adds."""
    decimals, needed = -_exponent(points), -_exponent(points.normalize())
    return points.quantize(Decimal(1).scaleb(-max(min(decimals, BASE_DECIMALS), needed)))


def _exponent(points: Decimal) -> int:
    exponent = points.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def _fired(line: FiredLine, version: ProgramVersion) -> Considered:
    rules = tuple(rule + 1 for rule in line.rules)
    return Considered(promotion=version.promotions[line.promotion_id], rules=rules)


def _failed(line: FailedLine, version: ProgramVersion) -> Considered:
    return Considered(
        promotion=version.promotions[line.promotion_id],
        reason=Obstacle(line.reason),
        rule=None if line.rule is None else line.rule + 1,
        criterion=None if line.criterion is None else line.criterion + 1,
        seen=line.seen,
    )


def _considered(stored: engine.Decision, promotions: Sequence[Promotion]) -> Iterator[Considered]:
    """From the numbers of all promotions: what fired, and why the others did not."""
    if not stored.verdicts:
        return
    rules = {index: numbers for index, *numbers in stored.rules}
    seen: dict[object, str] = {}
    texts = iter(stored.seen)
    for index, (promotion, verdict, sight) in enumerate(
        zip(promotions, stored.verdicts, sights(promotions, stored.verdicts), strict=True)
    ):
        if verdict == FIRED:
            yield Considered(promotion=promotion, rules=tuple(rule + 1 for rule in rules.get(index, [0])))
        elif verdict < FIRED:
            yield Considered(promotion=promotion, reason=Obstacle(OBSTACLES[-1 - verdict]))
        else:
            if sight not in seen:
                seen[sight] = next(texts)
            rule, criterion = places(promotion)[verdict - 1]
            reason = Obstacle.CRITERION
            yield Considered(
                promotion=promotion, reason=reason, rule=rule + 1, criterion=criterion + 1, seen=seen[sight]
            )


def _award(line: AwardLine, version: ProgramVersion) -> DecidedAward:
    point_type = version.point_types[line.point_type_id]
    limited = from_units(line.limited, point_type.decimals)
    return DecidedAward(
        promotion=version.promotions[line.promotion_id],
        point_type=point_type.code,
        qualifying=line.qualifying,
        exact=line.exact,
        rounded=from_units(line.rounded, point_type.decimals),
        limited=limited,
        weighted=limited * (point_type.weight_qualifying if line.qualifying else point_type.weight_non_qualifying),
        paid=line.paid,
        always=line.always,
    )


def _change(line: ChangeLine, version: ProgramVersion) -> AttributeChange:
    promotion = version.promotions[line.promotion_id]
    return AttributeChange(promotion=promotion, attribute=line.path, before=line.before, after=line.after)


def _reversal(line: ReversalLine, member_id: int, types: Mapping[int, PointType]) -> Reversal:
    return Reversal(
        original_id=line.original_id,
        transaction_date=line.transaction_date,
        before=Fraction(line.before),
        after=Fraction(line.after),
        lots=tuple(_returned(each, member_id, types[each.point_type_id]) for each in line.lots),
        vouchers=tuple(
            ReturnedVoucher(number=each.number, voucher_type=each.voucher_type, move=VoucherMove(each.move))
            for each in line.vouchers
        ),
    )


def _returned(line: ReturnLine, member_id: int, point_type: PointType) -> ReturnedLot:
    return ReturnedLot(
        member_id=member_id,
        lot_transaction_id=line.transaction_id,
        lot_position=line.position,
        point_type=point_type.code,
        points=from_units(line.points, point_type.decimals),
        lapsed=from_units(line.lapsed, point_type.decimals),
    )


def _tier_change(line: TierLine) -> TierChange:
    return TierChange(
        tier_class=line.tier_class,
        before=line.before,
        after=line.after,
        ends_on=line.ends_on,
        reason=TierReason(line.reason),
    )


def _payment(line: PaymentLine, version: ProgramVersion) -> Payment:
    point_type = version.point_types[line.point_type_id].code
    return Payment(kind=PaymentKind(line.kind), name=line.name, points=_plain(line.points), point_type=point_type)


def _vouchers(line: VoucherLine, version: ProgramVersion) -> GivenVouchers:
    return GivenVouchers(
        voucher_type=line.voucher_type,
        quantity=line.quantity,
        source=VoucherSource(line.source),
        promotion=None if line.promotion_id is None else version.promotions[line.promotion_id],
    )


def _loan(line: LoanLine, point_type: PointType) -> LoanChange:
    decimals = point_type.decimals
    return LoanChange(
        loan_id=line.loan_id,
        point_type=point_type.code,
        lent=from_units(max(0, line.points), decimals),
        repaid=from_units(max(0, -line.points), decimals),
        before=from_units(line.before, decimals),
        after=from_units(line.after, decimals),
        limit=None if line.limit is None else from_units(line.limit, decimals),
    )


def _balance(line: BalanceLine, point_type: PointType) -> BalanceChange:
    return BalanceChange(
        point_type=point_type.code,
        before=from_units(line.before, point_type.decimals),
        after=from_units(line.after, point_type.decimals),
    )
