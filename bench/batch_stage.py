"""The stage of the batch benchmark: a program with many promotions, members, stored history, and a full queue.

Of the promotions three assign points and four update attributes for every transaction; of the others, half are for other
transactions, and half are asked and have a criterion that fails. Rows come by the set, so that millions take minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.attributes import AttributeType
from domain.commands.partners import PartnerCreate, PartnerTermsSet
from domain.commands.products import ProductCreate
from domain.commands.programs import PointTypeCreate, ProgramActivate, ProgramCreate, SettingsChange
from domain.commands.promotions import PromotionActivate, PromotionCreate
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE
from domain.programs import BaseRule, CalculationRule
from domain.promotions import (
    Action,
    AssignPoints,
    AttributeOperation,
    Criterion,
    Operator,
    ProductScope,
    Rule,
    UpdateAttribute,
)
from domain.services.partners import partner_create, partner_terms_set
from domain.services.point_types import point_type_create
from domain.services.products import product_create
from domain.services.programs import program_activate, program_create
from domain.services.promotions import promotion_activate, promotion_create
from domain.store.database import Database

PROGRAM, CEILING = "BENCH", "CEILING"
PRODUCTS, PARTNERS = 20, 4
FIRST_DAY = date(2026, 1, 1)
EXPIRY = ExpiryPolicy(ExpiryKind.PERIOD, 24, PeriodUnit.MONTH)
DECLARED = {
    "transaction.attributes.channel": AttributeType.TEXT,
    "transaction.attributes.miles": AttributeType.NUMBER,
    "member.attributes.segment": AttributeType.TEXT,
    "member.attributes.lastChannel": AttributeType.TEXT,
    "member.attributes.visits": AttributeType.NUMBER,
}
BASE_POINTS, AMOUNT, CHANNEL = "transaction.basePoints", "transaction.amount", "transaction.attributes.channel"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; `ceiling` transactions more are there for the bare program."""

    members: int
    transactions: int
    promotions: int
    history: int
    ceiling: int


async def promotions(database: Database, program: str, count: int) -> None:
    """So many active promotions."""
    for number, values in zip(range(count), _offers(), strict=False):
        code = f"P{number:02}"
        command = PromotionCreate(program=program, code=code, name=f"Promotion {number}", starts_on=FIRST_DAY, **values)
        assert not (await promotion_create(database, ENGINE, command)).errors
        activate = PromotionActivate(program=program, promotion=code)
        assert not (await promotion_activate(database, ENGINE, activate)).errors


def _offers() -> Iterator[dict[str, Any]]:
    yield {"rules": (Rule((AssignPoints(attribute=BASE_POINTS, factor=Decimal("0.5")),), _criteria(1)),)}
    yield {"rules": (Rule((AssignPoints(constant=Decimal(25)),), _criteria(2)),)}
    yield {"rules": (Rule((AssignPoints(expression=f"{AMOUNT} * 0.1 + 5"),), (), f"{AMOUNT} > 1"),)}
    yield _updates(UpdateAttribute("counters.purchases", AttributeOperation.ADD, 1))
    yield _updates(UpdateAttribute("counters.spent", AttributeOperation.ADD, other=AMOUNT))
    yield _updates(UpdateAttribute("member.attributes.visits", AttributeOperation.ADD, 1))
    yield _updates(UpdateAttribute("member.attributes.lastChannel", AttributeOperation.SET, other=CHANNEL))
    number = 0
    while True:
        yield from _others(number)
        number += 1


def _updates(action: Action) -> dict[str, Any]:
    return {"rules": (Rule((action,), _criteria(1)),)}


def _criteria(least: int) -> tuple[Criterion, ...]:
    return (Criterion(CHANNEL, Operator.NOT_EQUALS, ("NONE",)), Criterion(AMOUNT, Operator.AT_LEAST, (least,)))


def _others(number: int) -> Iterator[dict[str, Any]]:
    """Promotions that pay nothing here: two for other transactions, two whose criteria fail."""
    double = (AssignPoints(attribute=BASE_POINTS, factor=Decimal(2)),)
    rules = (Rule(double, _criteria(1)),)
    yield {"rules": rules, "partners": ("ELSEWHERE",)}
    segment = Criterion("member.attributes.segment", Operator.EQUALS, (f"S{number}",))
    yield {"rules": (Rule(double, (*_criteria(1), segment)),)}
    yield {"rules": rules, "product_scope": ProductScope.INCLUDED, "products": ("OTHER",)}
    yield {"rules": (Rule(double, (Criterion(AMOUNT, Operator.AT_LEAST, (10_000 + number,)),)),)}


async def program(database: Database, code: str, count: int) -> None:
    """An active program with its catalogue; every award pays."""
    settings = SettingsChange(calculation_rule=CalculationRule.ALL, expiry=EXPIRY)
    base = (BaseRule("perAmount", {"currency": "USD", "points": 2}),)
    command = ProgramCreate(
        code=code, name=code, time_zone="UTC", currency="USD", settings=settings, base_rules=base, attributes=DECLARED
    )
    await program_create(database, ENGINE, command)
    await point_type_create(database, ENGINE, PointTypeCreate(program=code, code="POINTS", name="Points"))
    for number in [*range(PRODUCTS), "OTHER"]:
        name = number if isinstance(number, str) else f"SKU{number}"
        await product_create(database, ENGINE, ProductCreate(program=code, code=name, name=name))
    for number in [*range(PARTNERS), "ELSEWHERE"]:
        name = number if isinstance(number, str) else f"PARTNER{number}"
        if code == PROGRAM:
            await partner_create(database, ENGINE, PartnerCreate(code=name, name=name))
        await partner_terms_set(database, ENGINE, PartnerTermsSet(program=code, partner=name, active=True))
    await program_activate(database, ENGINE, ProgramActivate(code))
    await promotions(database, code, count)


MEMBERS = """
insert into member (program_id, number, kind, name, email, birth_date, language, consents, attributes, counters, status,
                    enrolled_on, version)
select $1, $2 || n, 'INDIVIDUAL', 'Member ' || n, 'member' || n || '@example.com', date '1980-01-01' + (n % 9000)::int, 'en', '[]',
       jsonb_build_object('segment', 'FAMILY', 'visits', n % 50, 'lastChannel', 'SHOP'),
       jsonb_build_object('purchases', n % 50, 'spent', n % 5000 + 0.25), 'ACTIVE', date '2020-01-01' + (n % 1500)::int, 1
from generate_series(1, $3::bigint) n
"""
TRANSACTIONS = """
insert into transaction (id, program_id, member_id, type, sub_type, status, sub_status, transaction_date, processed_at,
                         created_at, product_id, amount, currency, quantity, attributes, partner_id, external, source,
                         external_id, base_points, totals, attempts, version)
select $2 + n, $1, $3 + (hashint8(n)::bigint & 2147483647) % $4, 'ACCRUAL', 'PRODUCT',
       case when $6::int = 1 then 'PROCESSED' else 'QUEUED' end, case when $6 = 1 then 'SUCCESS' end,
       date '2026-03-01' + (n % 28)::int, case when $6 = 1 then now() end, now(),
       (select min(id) from product where program_id = $1) + n % 20, (n % 9973 + 500) / 100.0, 'USD', 1 + n % 3,
       jsonb_build_object('channel', 'SHOP', 'miles', n % 1000),
       (select min(id) from partner) + n % $7, false, 'bench', 'E' || ($2 + n),
       case when $6 = 1 then 2 * ((n % 9973 + 500) / 100) end,
       case when $6 = 1 then '[[1, "POINTS", 0, 120, 80]]'::jsonb end, $6::int, 1 + $6::int
from generate_series(1, $5::bigint) n
"""
QUEUE = """
insert into queued select program_id, member_id, transaction_date, id from transaction
where program_id = $1 and status = 'QUEUED' order by 1, 2, 3, 4
"""
LOTS = """
insert into lot (member_id, transaction_id, position, program_id, point_type_id, qualifying, origin, promotion_id, points,
                 remaining, open, transaction_date, expires_on, created_at)
select t.member_id, t.id, p, t.program_id, $2, p = 0, case p when 0 then 'BASE' else 'PROMOTION' end,
       case when p > 0 then p end, $3, $3, true, t.transaction_date, t.transaction_date + 730, t.processed_at
from transaction t cross join generate_series(0, 3) p where t.program_id = $1 and t.status = 'PROCESSED'
"""
DECISIONS = """
insert into decision (transaction_id, attempt, member_id, program_version, body, created_at)
select id, 1, member_id, 1, decode(repeat(md5(id::text), 14), 'hex'), processed_at
from transaction t where program_id = $1 and status = 'PROCESSED'
"""
EXTERNAL_IDS = """
insert into external_id (program_id, partner_id, source, external_id, transaction_id, content_hash)
select program_id, partner_id, source, external_id, id, '\\x00' from transaction where program_id = $1
"""
BALANCES = """
insert into balance (member_id, point_type_id, available, held, pending, earned, redeemed, expired, lifetime_qualifying,
                     loan_outstanding, changes_on)
select m.id, $2, coalesce(l.points, 0), 0, 0, coalesce(l.points, 0), 0, 0, coalesce(l.qualifying, 0), 0, l.changes_on
from member m left join (select member_id, sum(points) as points, sum(points) filter (where qualifying) as qualifying,
                                min(expires_on) + 1 as changes_on from lot
                         where program_id = $1 group by 1) l on l.member_id = m.id
where m.program_id = $1
"""


CONVERSIONS = """
insert into terms_conversion (program_id, partner_id, point_type_id, rate)
select t.program_id, t.partner_id, y.id, 1 from partner_terms t join point_type y using (program_id) where t.program_id = $1
"""
BLOCKS = """
insert into point_block (program_id, partner_id, kind, status, original, remaining, starts_on, price, currency, cost, version,
                         created_at, approved_at)
select program_id, partner_id, 'NORMAL', 'APPROVED', $2, $2, '2020-01-01', 0.01, 'USD', 0, 1, now(), now()
from partner_terms where program_id = $1 order by partner_id
"""
PURCHASES = """
insert into partner_transaction (program_id, partner_id, kind, direction, posted_on, created_at, points, block_id, price)
select program_id, partner_id, 'PURCHASE', 'CREDIT', current_date, now(), original, id, price
from point_block where program_id = $1
"""
PLENTY = Decimal(10**12)


async def blocks(connection: Any, code: str) -> None:
    """From here on every partner of a program pays point for point, each out of one block."""
    key = await connection.fetchval("select id from program where code = $1", code)
    await connection.execute(CONVERSIONS, key)
    await connection.execute(BLOCKS, key, PLENTY)
    await connection.execute(PURCHASES, key)


async def more(connection: Any, code: str, sizes: Sizes, partners: int) -> int:
    """A full queue once more, of transactions of so many partners; the number below the first of them."""
    key = await connection.fetchval("select id from program where code = $1", code)
    member = await connection.fetchval("select min(id) from member where program_id = $1", key)
    first = int(await connection.fetchval("select max(id) + 100000 from transaction"))
    await connection.execute(TRANSACTIONS, key, first, member, sizes.members, sizes.transactions, 0, partners)
    await connection.execute("select setval('transaction_id_seq', $1)", first + sizes.transactions + 100_000)
    await connection.execute(QUEUE, key)
    return first


async def rows(
    connection: Any, code: str, sizes: Sizes, *, queued: int, history: int, first: int, points: int = 30
) -> None:
    """Members, stored history with lots of so many points, and a queue of a program; `first`: the number below its transactions."""
    key = await connection.fetchval("select id from program where code = $1", code)
    point_type = await connection.fetchval("select id from point_type where program_id = $1", key)
    await connection.execute(MEMBERS, key, code[0], sizes.members)
    member = await connection.fetchval("select min(id) from member where program_id = $1", key)
    await connection.execute(TRANSACTIONS, key, first, member, sizes.members, history, 1, PARTNERS)
    await connection.execute(TRANSACTIONS, key, first + history, member, sizes.members, queued, 0, PARTNERS)
    await connection.execute(LOTS, key, point_type, points)
    await connection.execute(DECISIONS, key)
    await connection.execute(EXTERNAL_IDS, key)
    await connection.execute(BALANCES, key, point_type)
    await connection.execute(QUEUE, key)
    await connection.execute("select setval('transaction_id_seq', $1)", first + history + queued + 1000)
