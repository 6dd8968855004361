"""What may be taken back at all, and what can be wrong with a cancellation beside the transaction that it names.

Asked when a cancellation is recorded, and again by the engine when it is processed: by then less may be left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.engine.originals import OriginalState
from domain.engine.rejections import AlreadyCancelled, RefundTooHigh
from domain.entries import NewTransaction
from domain.moves import Move, WrongStatus, moves_from
from domain.problems import Invalid, Problem
from domain.refunds import Part, TooMuch, Unsuited, with_part
from domain.transactions import Status, SubType, Type

CANCELLABLE: dict[Type, frozenset[SubType]] = {
    Type.ACCRUAL: frozenset(
        {SubType.PRODUCT, SubType.ACTION_BASED_BONUS, SubType.GIFT, SubType.MANUAL_CREDIT, SubType.LOAN}
    ),
    Type.REDEMPTION: frozenset({SubType.PRODUCT, SubType.MANUAL_DEBIT}),
}
"""What can be taken back; of loans, those of which nothing is spent or repaid. Expiry, transfers, roll-ups, merges and
cancellations cannot."""

OPPOSITE = {Type.ACCRUAL: Type.REDEMPTION, Type.REDEMPTION: Type.ACCRUAL}
"""A REDEMPTION/CANCELLATION takes an accrual back, an ACCRUAL/CANCELLATION a redemption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCancellable(Problem):
    """A transaction of a kind that cannot be taken back."""

    code = "NOT_CANCELLABLE"
    type: Type
    sub_type: SubType

    @property
    def message(self) -> str:
        return (
            f"A transaction of {self.type.value}/{self.sub_type.value} cannot be cancelled or refunded; those of "
            f"{_names(Type.ACCRUAL)} and {_names(Type.REDEMPTION)} can."
        )


def _names(kind: Type) -> str:
    return f"{kind.value}/{', '.join(sorted(sub_type.value for sub_type in CANCELLABLE[kind]))}"


def original_problems(original: OriginalState, *path: str) -> Iterator[Problem]:
    """Why a transaction cannot be taken back now, whatever part of it; what was never processed is recalled instead."""
    if original.sub_type not in CANCELLABLE[original.type]:
        yield NotCancellable(type=original.type, sub_type=original.sub_type, path=path)
    elif original.share.whole:
        yield AlreadyCancelled(path=path)
    elif original.status is not Status.PROCESSED:
        allowed = moves_from(original.status)
        yield WrongStatus(status=original.status, move=Move.CANCEL, allowed=allowed, path=path)


def currency_problems(original: OriginalState, entry: NewTransaction, *path: str) -> Iterator[Problem]:
    """Money comes back in the currency in which it was paid."""
    said = entry.amount is not None or entry.refund_lines is not None
    if said and entry.currency is not None and entry.currency != original.currency:
        expected = f"{original.currency}, the currency of the transaction"
        yield Invalid(value=entry.currency, expected=expected, path=(*path, "currency"))


def part_problems(original: OriginalState, part: Part, *path: str) -> Iterator[Problem]:
    """Why such a part cannot be taken back of a transaction of which something is left."""
    try:
        with_part(original.basis, original.share, part)
    except Unsuited as error:
        yield Invalid(value=error.value, expected=error.expected, path=_at(path, error.field))
    except TooMuch as error:
        yield RefundTooHigh(what=error.field, asked=error.asked, left=error.left, path=_at(path, error.field))


def _at(path: tuple[str, ...], field: str) -> tuple[str, ...]:
    return (*path, *field.split("."))
