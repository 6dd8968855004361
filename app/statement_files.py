"""A member's statement as a file: what stands above it, and the JSON of it. Points are text, exact, as in the API.

Product and partner are named; comments of the staff are not: the file is for the member.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.members import Member
from domain.programs import Program
from domain.statements import PointStatement, Statement, StatementLine


@dataclass(frozen=True, slots=True)
class StatementFile:
    """Whose statement it is, and of which program."""

    program: Program
    member: Member
    statement: Statement


def as_json(file: StatementFile) -> bytes:
    """The same statement is the same bytes."""
    return (json.dumps(_document(file), ensure_ascii=False, indent=2) + "\n").encode()


def spoken(points: Decimal) -> str:
    """Points as text: `-1200`, `4.50`."""
    return format(points, "f")


def _document(file: StatementFile) -> dict[str, Any]:
    said = file.statement
    return {
        "program": {"code": file.program.code, "name": file.program.name},
        "member": {"number": file.member.number, "name": file.member.name},
        "from": said.starts_on.isoformat(),
        "to": said.ends_on.isoformat(),
        "timeZone": said.time_zone,
        "complete": said.complete,
        "accounts": [_account(each) for each in said.accounts],
    }


def _account(account: PointStatement) -> dict[str, Any]:
    return {
        "pointType": account.point_type,
        "opening": spoken(account.opening),
        "credited": spoken(account.credited),
        "debited": spoken(account.debited),
        "closing": spoken(account.closing),
        "lines": [_line(each) for each in account.lines],
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "processedAt": line.processed_at.isoformat(),
        "kind": line.kind.value,
        "transactionDate": line.transaction_date.isoformat(),
        "type": line.type and line.type.value,
        "subType": line.sub_type and line.sub_type.value,
        "product": line.product,
        "partner": line.partner,
        "points": spoken(line.points),
        "balance": spoken(line.balance),
    }
