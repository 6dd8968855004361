"""Accounts of partners: what is in their blocks, how long it lasts, statements of periods, and bills."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import domain.billing as b
import domain.commands.partner_accounts as c
import domain.partner_balances as balances
import domain.partner_statements as d
from domain.pages import PageRequest
from domain.partner_files import statement_csv
from domain.partner_transactions import PartnerTransactionKind
from domain.transactions import Money as Amount
from schema.base import answers, direct, loaded, offers, shows, takes
from schema.loads import PARTNER, PARTNER_TRANSACTION, PERSON, PROGRAM
from schema.money import Money
from schema.paged import Paged, Question
from schema.payloads import Payload
from schema.programs import Program
from schema.scalars import Points
from schema.wording import REFUSED

if TYPE_CHECKING:
    from schema.partner_transactions import PartnerTransaction
    from schema.partners import Partner
    from schema.people import Person

offers(b.ChargeKind, "PartnerChargeKind")

PROGRAM_CODE = "The code of the program."
OWNER = "The code of the partner; not given: the host's own."
From = Annotated[date, strawberry.argument(name="from", description="The first day, in the time zone of the program.")]
Through = Annotated[date, strawberry.argument(description="The last day, included; today at the latest.")]
OfProgram = Annotated[str, strawberry.argument(description=PROGRAM_CODE)]


@dataclass(frozen=True, slots=True)
class AccountAsked:
    """An account, by codes; `partner` None: the host's."""

    program: str
    partner: str | None


@dataclass(frozen=True, slots=True)
class StatementsAsked:
    """A page of the closed statements of a partner."""

    partner_id: int | None
    program: str | None
    request: PageRequest


BALANCE: Question[AccountAsked, balances.PartnerBalance | None] = Question("balance of a partner")
RUNWAY: Question[AccountAsked, int | None] = Question("runway of a partner")
PARTNER_STATEMENT: Question[c.AccountPeriod, d.PartnerStatement | None] = Question("statement of a partner")
PARTNER_STATEMENTS: Paged[StatementsAsked, d.PartnerStatement] = Paged("statements of a partner")
BILL: Question[c.AccountPeriod, b.Bill | None] = Question("bill of a partner")


@shows(balances.PartnerBalance)
class PartnerBalance:
    """Points in the blocks of a partner, or of the host. Always: total = available + promotions + idle - overdrawn."""

    available: Points = strawberry.field(description="In active blocks, for everything.")
    promotions: Points = strawberry.field(description="In active blocks that pay only for their promotion.")
    idle: Points = strawberry.field(description="In blocks that have not begun, or whose last day has passed.")
    overdrawn: Points = strawberry.field(description="Given on credit, without having been bought.")
    credit_limit: Points = strawberry.field(description="How much may be overdrawn in all.")
    credit_left: Points = strawberry.field(description="How much of that is left.")
    total: Points = strawberry.field(description="What a statement through today closes with.")


def _money(of: b.Charge | b.BillLine | b.BillFee, _info: object) -> Amount:
    return Amount(of.amount, of.currency)


def _document(said: d.PartnerStatement, _info: object) -> str:
    return d.canonical(said).decode()


def _csv(said: d.PartnerStatement, _info: object) -> str:
    return statement_csv(said).decode()


@shows(d.PartnerMovement)
class PartnerMovement:
    """What one kind of partner transactions did to the blocks in a period, for one promotion or for none."""

    kind: PartnerTransactionKind
    promotion: str | None = strawberry.field(description="The code of the promotion; null: none.")
    entries: int = strawberry.field(description="How many partner transactions.")
    credited: Points
    debited: Points


@shows(b.Charge)
class PartnerCharge:
    """What is owed in money for a period, of one kind, for one promotion or for none."""

    kind: b.ChargeKind
    promotion: str | None = strawberry.field(description="The code of the promotion; null: none.")
    entries: int = strawberry.field(description="How many rows.")
    money: Money = direct(_money, "Below zero: it is given back.")


@shows(d.PartnerStatement)
class PartnerStatement:
    """A period of a partner, or of the host, by the day of processing. Always: closing = opening + credited - debited."""

    program: Program | None = loaded(PROGRAM, by="program_id")
    partner: Annotated["Partner", strawberry.lazy("schema.partners")] | None = loaded(
        PARTNER, by="partner_id", description="Null: the host itself."
    )
    starts_on: date
    ends_on: date = strawberry.field(description="The last day, included.")
    time_zone: str = strawberry.field(description="In which the days begin and end: that of the program.")
    opening: Points = strawberry.field(description="What was in all blocks before the first day.")
    movements: list[PartnerMovement]
    credited: Points = strawberry.field(description="What the movements brought.")
    debited: Points = strawberry.field(description="What they took.")
    closing: Points = strawberry.field(description="What was in all blocks at the end.")
    charges: list[PartnerCharge] = strawberry.field(description="What is owed in money, which moves no points.")
    closed: bool = strawberry.field(description="Whether it is kept word by word, and nothing is added any more.")
    number: int | None = strawberry.field(description="Of a closed one: 1, 2, 3 without a gap.")
    sha256: str = strawberry.field(description="Of the text of `document`, as UTF-8.")
    document: str = direct(
        _document, "The whole statement as JSON, always the same text: its keys sorted, without spaces."
    )
    csv: str = direct(_csv, "The same as a table; the last line has the hash.")
    closed_at: datetime | None
    closed_by: Annotated["Person", strawberry.lazy("schema.people")] | None = loaded(
        PERSON, by="closed_by_id", description="Null: the engine, or nobody you may see."
    )


@shows(b.BillLine)
class BillLine:
    """Points that were given on postpaid terms at one rate, less what was taken back of them."""

    point_type: str = strawberry.field(description="The code of the point type.")
    promotion: str | None = strawberry.field(description="The code of the promotion; null: none.")
    entries: int = strawberry.field(description="How many lots, and cancellations of lots.")
    points: Points
    price: Decimal = strawberry.field(description="Of one point, on the date of the transactions.")
    percentage: Decimal = strawberry.field(description="So much of the price is charged.")
    money: Money = direct(_money, "Points x price x percentage, rounded half up.")


@shows(b.BillFee)
class BillFee:
    """A fee in money, or the refund of one."""

    transaction: Annotated["PartnerTransaction", strawberry.lazy("schema.partner_transactions")] | None = loaded(
        PARTNER_TRANSACTION, by="id", description="The row that it is."
    )
    posted_on: date
    kind: b.ChargeKind
    description: str | None
    reason_code: str | None
    money: Money = direct(_money, "Below zero: a refund.")


@shows(b.Bill)
class PartnerBill:
    """What a partner owes for what was processed in a period: points on postpaid terms, and fees."""

    program: str = strawberry.field(description=PROGRAM_CODE)
    partner: str = strawberry.field(description="The code of the partner.")
    starts_on: date
    ends_on: date = strawberry.field(description="The last day, included.")
    complete: bool = strawberry.field(description="Whether the last day has passed, so that nothing is added any more.")
    lines: list[BillLine]
    fees: list[BillFee]
    totals: list[Money] = strawberry.field(description="One per currency.")


@takes
class StatementCloseInput:
    """A period to be closed for good: it begins the day after the last closed one."""

    program: str = strawberry.field(description=PROGRAM_CODE)
    partner: str | None = strawberry.field(default=None, description=OWNER)
    through: date = strawberry.field(description="The last day, included; yesterday at the latest.")
    starts_on: date | None = strawberry.field(
        default=None,
        name="from",
        description="The first day. It only needs to be given where the very first period is not to begin with a month.",
    )


@answers
class StatementClosePayload(Payload):
    """The closed statement."""

    result: PartnerStatement | None = strawberry.field(name="statement", description=REFUSED)
