"""Ledgers written by hand, row by row, where a test needs one that no engine would make today: in the past, lapsed, half taken.

Points are units of a point type with two decimals: 500 are 5.00 points.
"""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, insert

from domain.holds import HoldStatus
from domain.lots import LotOrigin
from domain.members import MemberKind, MemberStatus
from domain.programs import ProgramStatus
from domain.store import tables as t
from domain.store.database import Database
from domain.transactions import Status, SubType, Type

START = datetime(2026, 1, 10, 12, tzinfo=UTC)


async def put(database: Database, table: Table, **values: Any) -> Any:
    """Write one row; its key, if it has one."""
    async with database.write() as writer:
        answer = await writer.execute(insert(table).values(**values).returning(*table.primary_key.columns))
        return answer.one()[0]


@dataclass
class Program:
    """A program with one point type."""

    database: Database
    id: int
    code: str
    point_type_id: int
    numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    async def point_type(self, code: str, decimals: int = 0) -> int:
        """Another point type."""
        return await _point_type(self.database, self.id, code, decimals, is_default=False)

    async def member(self, **values: Any) -> "Ledger":
        """A member who has nothing yet."""
        usual = {
            "program_id": self.id, "number": f"M{self.numbers()}", "kind": MemberKind.INDIVIDUAL, "name": "Ada",
            "consents": [], "attributes": {}, "status": MemberStatus.ACTIVE, "enrolled_on": START.date(), "version": 1,
        }  # fmt: skip
        return Ledger(self, await put(self.database, t.member, **usual | values))


async def a_program(database: Database, time_zone: str = "UTC") -> Program:
    """A program of this test alone; its points have two decimals."""
    code = f"P{secrets.token_hex(6)}"
    program_id = await put(
        database, t.program, code=code, name=code, status=ProgramStatus.ACTIVE, time_zone=time_zone, currency="EUR",
        settings={}, base_rules=[], attributes={}, version=1,
    )  # fmt: skip
    return Program(database, program_id, code, await _point_type(database, program_id, "POINTS", 2, is_default=True))


async def _point_type(database: Database, program_id: int, code: str, decimals: int, *, is_default: bool) -> int:
    return await put(  # type: ignore[no-any-return]
        database, t.point_type, program_id=program_id, code=code, name=code, decimals=decimals, qualifying=True,
        weight_qualifying=1, weight_non_qualifying=1, is_default=is_default,
    )  # fmt: skip


@dataclass
class Ledger:
    """A member and what is written about its points."""

    program: Program
    member_id: int

    async def transaction(
        self,
        at: datetime,
        kind: Type = Type.ACCRUAL,
        sub_type: SubType = SubType.PRODUCT,
        partner_id: int | None = None,
        cancels_id: int | None = None,
    ) -> int:
        """A processed transaction; its key."""
        database = self.program.database
        async with database.write() as writer:
            [id_] = await database.ids.take(writer, 1)
        await put(
            database, t.transaction, id=id_, program_id=self.program.id, member_id=self.member_id, type=kind,
            sub_type=sub_type, status=Status.PROCESSED, transaction_date=at.date(), processed_at=at, created_at=at,
            partner_id=partner_id, cancels_id=cancels_id, external=False, attempts=1, version=1,
        )  # fmt: skip
        return id_

    async def lot(self, points: int, at: datetime = START, **values: Any) -> tuple[int, int]:
        """A lot of its own transaction, or of `transaction_id` at `position`; its transaction and position."""
        transaction_id = values.pop("transaction_id", None) or await self.transaction(
            at, partner_id=values.pop("partner_id", None)
        )
        usual: dict[str, Any] = {
            "member_id": self.member_id, "transaction_id": transaction_id, "position": 0, "program_id": self.program.id,
            "point_type_id": self.program.point_type_id, "qualifying": False, "origin": LotOrigin.BASE, "points": points,
            "remaining": points, "open": True, "transaction_date": at.date(), "created_at": at,
        }  # fmt: skip
        row = usual | values
        await put(self.program.database, t.lot, **row)
        return row["transaction_id"], row["position"]

    async def take(
        self, lot: tuple[int, int], points: int, at: datetime, sub_type: SubType = SubType.PRODUCT, **values: Any
    ) -> int:
        """A redemption that takes points from a lot; its key."""
        database = self.program.database
        cancels_id = values.get("reverses_transaction_id")
        transaction_id = await self.transaction(at, Type.REDEMPTION, sub_type, cancels_id=cancels_id)
        await put(
            database, t.lot_use, member_id=self.member_id, transaction_id=transaction_id, position=0,
            lot_transaction_id=lot[0], lot_position=lot[1], created_at=at, points=points,
            point_type_id=values.pop("point_type_id", self.program.point_type_id), **values,
        )  # fmt: skip
        async with database.write() as writer:
            mine = (
                (t.lot.c.member_id == self.member_id)
                & (t.lot.c.transaction_id == lot[0])
                & (t.lot.c.position == lot[1])
            )
            left = t.lot.c.remaining - points
            await writer.execute(t.lot.update().where(mine).values(remaining=left, open=left > 0))
        return transaction_id

    async def hold(self, lot: tuple[int, int], points: int, until: datetime) -> None:
        """A hold that keeps points of a lot until a moment."""
        database, number = self.program.database, secrets.randbits(40)
        await put(
            database, t.point_hold, id=number, program_id=self.program.id, member_id=self.member_id,
            point_type_id=self.program.point_type_id, points=points, captured=0, status=HoldStatus.HELD, held_until=until,
        )  # fmt: skip
        await put(
            database, t.point_hold_lot, member_id=self.member_id, hold_id=number, lot_transaction_id=lot[0],
            lot_position=lot[1], points=points,
        )  # fmt: skip

    async def extend(self, lot: tuple[int, int], expires_on: date, at: datetime) -> None:
        """An activity that lets a lot lapse later."""
        await put(
            self.program.database, t.lot_extension, member_id=self.member_id, lot_transaction_id=lot[0],
            lot_position=lot[1], transaction_id=await self.transaction(at), expires_on=expires_on, created_at=at,
        )  # fmt: skip

    async def stored(self, **figures: Any) -> None:
        """The sums as the engine left them; what is not named is zero."""
        names = (
            "available",
            "held",
            "pending",
            "earned",
            "redeemed",
            "expired",
            "lifetime_qualifying",
            "loan_outstanding",
        )
        usual: dict[str, Any] = dict.fromkeys(names, 0)
        owner = {"member_id": self.member_id, "point_type_id": self.program.point_type_id}
        await put(self.program.database, t.balance, **owner | usual | figures)
