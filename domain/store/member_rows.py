"""Members' rows as the engine needs them, read by the thousand: locked or not, straight from the driver."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from domain.members import MemberStatus
from domain.store import driver
from domain.store.database import Reader
from domain.store.json import decode

COLUMNS = (
    "id, number, name, status, kind, email, phone, birth_date, language, enrolled_on, address::text, attributes::text,"
    " counters::text, family_id, rolls_up_from, twin_percent, merged_into_id, absorbed"
)
BY_IDS = f"select {COLUMNS} from member where id = any($1) order by id"  # noqa: S608 - columns of our own
LOCKED = f"{BY_IDS} for update"
FREE = f"{LOCKED} skip locked"

STATUSES = {status.value: status for status in MemberStatus}
NO_ADDRESS = {"lines": None, "city": None, "region": None, "postalCode": None, "country": None}


class MemberRow(msgspec.Struct, frozen=True):
    """A member; `facts` are its fields under the names that rules and required-data settings use."""

    id: int
    number: str
    status: MemberStatus
    facts: dict[str, Any]
    counters: dict[str, Any]
    family_id: int | None
    rolls_up_from: date | None
    twin_percent: Decimal | None
    merged_into_id: int | None
    absorbed: list[int] | None


async def read(reader: Reader, statement: str, ids: Sequence[int]) -> list[MemberRow]:
    """The rows that one of the statements above finds, in the order of their ids."""
    return [_row(*row) for row in await driver.fetch(reader, statement, ids)] if ids else []


def _row(  # noqa: PLR0917 - the columns, in their order
    key: int, number: str, name: str, status: str, kind: str, email: str | None, phone: str | None, birth_date: Any,
    language: str | None, enrolled_on: Any, address: str | None, attributes: str, counters: str,
    family_id: int | None, rolls_up_from: date | None, twin_percent: Decimal | None, merged_into_id: int | None,
    absorbed: list[int] | None,
) -> MemberRow:  # fmt: skip
    facts = {
        "number": number,
        "name": name,
        "status": status,
        "kind": kind,
        "email": email,
        "phone": phone,
        "birthDate": birth_date,
        "language": language,
        "enrolledOn": enrolled_on,
        "address": NO_ADDRESS if address is None else _address(decode(address)),
        "attributes": decode(attributes),
    }
    return MemberRow(
        key,
        number,
        STATUSES[status],
        facts,
        decode(counters),
        family_id,
        rolls_up_from,
        twin_percent,
        merged_into_id,
        absorbed,
    )


def _address(stored: Any) -> dict[str, Any]:
    return {
        "lines": stored.get("lines"),
        "city": stored.get("city"),
        "region": stored.get("region"),
        "postalCode": stored.get("postal_code"),
        "country": stored.get("country"),
    }
