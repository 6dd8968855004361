"""A shop for tests, made by its administrator through the API: `EUR` earn points that lapse after a year."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.people import Role
from tests.graphql.web import Caller, Web, a_key
from tests.support.factories import a_code

LIMIT = Decimal(1000)
"""What the manager may approve; the director above approves ten times as much."""


@dataclass(frozen=True)
class Shop:
    """A program of this test alone, and its people."""

    web: Web
    program: str
    administrator: Caller
    msr: Caller
    manager: Caller
    director: Caller

    async def enroll(self, **values: Any) -> str:
        """The number of a new member."""
        given = {"program": self.program, "name": "Ada Lovelace", **values}
        payload = await self.msr.done("memberEnroll", "member { number }", **given)
        return str(payload["member"]["number"])

    def of(self, number: str, **values: Any) -> dict[str, Any]:
        """The input of an activity of a member, with a new key."""
        return {"program": self.program, "member": {"number": number}, "idempotencyKey": a_key(), **values}

    async def earn(self, number: str, amount: str, shown: str = "id", **values: Any) -> Any:
        """The transaction of a purchase that must succeed."""
        given = self.of(number, amount=amount, **values)
        return (await self.msr.done("pointsEarn", f"transaction {{ {shown} }}", **given))["transaction"]

    async def record(self, number: str, shown: str = "id version", **values: Any) -> Any:
        """A manual credit that is IN_PROGRESS, unless `values` say otherwise."""
        given = self.of(number, **{"type": "ACCRUAL", "subType": "MANUAL_CREDIT", "points": "500", **values})
        return (await self.msr.done("transactionCreate", f"transaction {{ {shown} }}", **given))["transaction"]

    async def available(self, number: str) -> str:
        """What a member can spend."""
        query = "query($n: String!, $p: String!) { member(reference: {number: $n}, program: $p) { balances { available } } }"
        member = (await self.msr.ask(query, n=number, p=self.program))["member"]
        return str(member["balances"][0]["available"])

    async def count(self) -> int:
        """How many transactions the program has."""
        query = "query($p: String!) { transactions(filter: {program: $p}) { totalCount } }"
        return int((await self.msr.ask(query, p=self.program))["transactions"]["totalCount"])


async def open_shop(web: Web, **settings: Any) -> Shop:
    """A shop whose every step is a mutation; `settings` are the program's."""
    administrator = await web.person(Role.PROGRAM_ADMINISTRATOR)
    code = a_code("SHOP")
    await administrator.done(
        "programCreate",
        "program { code }",
        code=code,
        name="Corner shop",
        timeZone="UTC",
        currency="EUR",
        settings={"expiry": {"kind": "PERIOD", "length": 12, "snap": "END_OF_MONTH"}, **settings},
        baseRules=[{"kind": "perAmount", "parameters": {"points": 1, "currency": "EUR", "counting": "PROPORTIONAL"}}],
    )
    await administrator.done("pointTypeCreate", "pointType { code }", program=code, code="POINTS", name="Points")
    await administrator.done("programActivate", "program { status }", program=code)
    director = await web.person(Role.MANAGER, program=code, transaction_approval_limit=LIMIT * 10)
    manager = await web.person(
        Role.MANAGER, program=code, transaction_approval_limit=LIMIT, manager=director.person.subject
    )
    msr = await web.person(Role.MSR, program=code, manager=manager.person.subject)
    return Shop(web, code, administrator, msr, manager, director)
