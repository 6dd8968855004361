"""Small programs, members and transactions for the engine."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType
from domain.engine import BalanceState, EngineProgram, Entry, LotState, MemberState, Outcome, Outcomes, run
from domain.engine.decision import BaseLine
from domain.expiry import NEVER, ExpiryPolicy
from domain.lots import LotOrigin
from domain.members import MemberStatus
from domain.programs import BaseRule, PointType, Program, ProgramSettings, ProgramStatus
from domain.promotions import Action, AssignPoints, Limits, ProductScope, Promotion, Rule
from domain.transactions import Status, SubType, Type
from rules import Definition, compile_program

TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
ONE_PER_EURO = BaseRule("perAmount", {"points": "1", "currency": "EUR", "counting": "PROPORTIONAL"})
MEMBER = 7
POINTS, MILES = 1, 2
NO_ATTRIBUTES: Mapping[str, AttributeType] = {}


def point_type(key: int = POINTS, code: str = "POINTS", decimals: int = 0, **fields: Any) -> PointType:
    """A point type; POINTS is the default one and qualifies."""
    options: dict[str, Any] = {"qualifying": True, "weights": (Decimal(1), Decimal(1)), "expiry": None, **fields}
    weight, other_weight = options["weights"]
    return PointType(
        key, 1, code, code.title(), decimals, options["qualifying"], weight, other_weight, options["expiry"], key == POINTS
    )  # fmt: skip


def program(
    *promotions: Promotion,
    point_types: Sequence[PointType] = (),
    base_rules: tuple[BaseRule, ...] = (ONE_PER_EURO,),
    expiry: ExpiryPolicy = NEVER,
    status: ProgramStatus = ProgramStatus.ACTIVE,
    attributes: Mapping[str, AttributeType] = NO_ATTRIBUTES,
    **settings: Any,
) -> EngineProgram:
    """An active program of Berlin that gives a point for each euro."""
    types = point_types or (point_type(),)
    made = Program(
        id=1,
        code="GROCER",
        name="Grocer",
        status=status,
        time_zone="Europe/Berlin",
        currency="EUR",
        settings=ProgramSettings(expiry=expiry, **settings),
        base_rules=base_rules,
        attributes=attributes,
        version=3,
        created_at=NOW,
    )
    rules = compile_program(Definition(base_rules, promotions, {each.code: each for each in types}, attributes))
    return EngineProgram(made, {each.id: each for each in types}, rules)


def promotion(code: str, *actions: Action, **fields: Any) -> Promotion:
    """An active promotion of the year 2026 whose one rule always fires."""
    options: dict[str, Any] = {
        "id": sum(map(ord, code)),
        "program_id": 1,
        "name": code,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "active": True,
        "applies_to": (),
        "partners": (),
        "product_scope": ProductScope.ALL,
        "products": (),
        "tiers": (),
        "always_apply": False,
        "enrollment_required": False,
        "limits": Limits(),
        "rules": (Rule(actions),),
        "version": 1,
    }
    return Promotion(code=code, **{**options, **fields})


def points(number: str, point_type: str = "POINTS", *, qualifying: bool = False, **fields: Any) -> AssignPoints:
    """An action that assigns a constant."""
    return AssignPoints(point_type, qualifying, Decimal(number), **fields)


def lot(
    transaction: int, remaining: int, *, expires: date | None = None, effective: date | None = None, **fields: Any
) -> LotState:
    """An open lot of an earlier transaction."""
    options: dict[str, Any] = {
        "point_type_id": POINTS,
        "qualifying": True,
        "transaction_date": date(2026, 1, 1),
        "extends_by": None,
        **fields,
    }
    return LotState(
        transaction, 0, options["point_type_id"], options["qualifying"], LotOrigin.BASE, remaining,
        options["transaction_date"], effective, expires, options["extends_by"],
    )  # fmt: skip


def member(*lots: LotState, status: MemberStatus = MemberStatus.ACTIVE, **facts: Any) -> MemberState:
    """A member who has these lots; its stored balances are right, and stale where lots come or go."""
    earned = sum(each.remaining for each in lots)
    balances = {POINTS: BalanceState(available=earned, earned=earned)} if lots else {}
    return MemberState(MEMBER, status, {"number": "M1", "attributes": {}, **facts}, balances, lots)


def accrual(key: int = 100, amount: str | None = "10", **fields: Any) -> Entry:
    """A purchase of today."""
    return _entry(key, Type.ACCRUAL, amount=amount and Decimal(amount), currency=amount and "EUR", **fields)


def redemption(key: int, units: int | None, **fields: Any) -> Entry:
    """A redemption of so many points."""
    return _entry(key, Type.REDEMPTION, points=units, point_type_id=fields.pop("point_type_id", POINTS), **fields)


def _entry(key: int, kind: Type, **fields: Any) -> Entry:
    options: dict[str, Any] = {
        "sub_type": SubType.PRODUCT,
        "status": Status.ACCEPTABLE,
        "transaction_date": TODAY,
        "reported_on": TODAY,
        "attributes": {},
        **fields,
    }
    return Entry(id=key, member_id=MEMBER, type=kind, **options)


def worked(program: EngineProgram, member: MemberState, *entries: Entry, numbers: Iterable[int] = ()) -> Outcomes:
    """What the engine makes of them."""
    return run(program, {MEMBER: member}, entries, NOW, numbers=numbers)


def base_of(outcome: Outcome) -> BaseLine:
    """The base points of an outcome that has some."""
    assert outcome.decision.base is not None
    return outcome.decision.base


def one(program: EngineProgram, member: MemberState, entry: Entry) -> Outcome:
    """What the engine makes of one."""
    return worked(program, member, entry).outcomes[0]
