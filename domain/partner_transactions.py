"""Partner transactions: every point that enters or leaves a block, and every fee in money. Written once, changed never.

What remains of a block is the sum of its rows: CREDIT adds, DEBIT takes. Money is recorded, and charged to no block.
"""

import enum
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


class PartnerTransactionKind(enum.Enum):
    """Why points or money moved. CARVE and RETURN come in pairs: a DEBIT of one block, a CREDIT of the other."""

    PURCHASE = "PURCHASE"
    ACCRUAL_DEBIT = "ACCRUAL_DEBIT"
    ACCRUAL_REVERSAL = "ACCRUAL_REVERSAL"
    ADJUSTMENT = "ADJUSTMENT"
    FEE = "FEE"
    REFUND = "REFUND"
    CARVE = "CARVE"
    RETURN = "RETURN"
    LAPSE = "LAPSE"


class Direction(enum.Enum):
    """A DEBIT takes from a block, or is owed by the partner; a CREDIT adds to it, or is owed to the partner."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


DIRECTIONS: dict[PartnerTransactionKind, tuple[Direction, ...]] = {
    PartnerTransactionKind.PURCHASE: (Direction.CREDIT,),
    PartnerTransactionKind.ACCRUAL_DEBIT: (Direction.DEBIT,),
    PartnerTransactionKind.ACCRUAL_REVERSAL: (Direction.CREDIT,),
    PartnerTransactionKind.ADJUSTMENT: (Direction.DEBIT, Direction.CREDIT),
    PartnerTransactionKind.FEE: (Direction.DEBIT,),
    PartnerTransactionKind.REFUND: (Direction.CREDIT,),
    PartnerTransactionKind.CARVE: (Direction.DEBIT, Direction.CREDIT),
    PartnerTransactionKind.RETURN: (Direction.DEBIT, Direction.CREDIT),
    PartnerTransactionKind.LAPSE: (Direction.DEBIT,),
}
"""Which ways each kind may go; the database refuses the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPartnerTransaction:
    """One to write: points of a block, or an amount with its currency. `partner_id` None: the host's.

    `price`: per point, of the block it concerns. `member_transaction_id`: the transaction of a member it is about, if one.
    """

    program_id: int
    partner_id: int | None
    kind: PartnerTransactionKind
    direction: Direction
    posted_on: date
    created_by_id: int | None = None
    points: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    block_id: int | None = None
    price: Decimal | None = None
    description: str | None = None
    reason_code: str | None = None
    promotion_id: int | None = None
    member_transaction_id: int | None = None
    member_id: int | None = None
    refunds_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTransaction(NewPartnerTransaction):
    """One as it is stored and shown. `posted_on`: the program's date when it was written; statements select by it."""

    id: int
    created_at: datetime
