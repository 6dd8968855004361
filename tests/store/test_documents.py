"""What goes into a JSON column comes out equal, through PostgreSQL itself."""

from decimal import Decimal

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import JSONB

from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap
from domain.programs import BaseRule, CalculationRule, ProgramSettings
from domain.store.database import Database
from domain.store.documents import from_document, to_document
from domain.transactions import SubType

ECHO = select(bindparam("document", type_=JSONB))
SETTINGS = ProgramSettings(
    expiry=ExpiryPolicy(ExpiryKind.FIXED_DAY, 1, PeriodUnit.YEAR, 2, 29, Snap.END_OF_QUARTER),
    approval_above={SubType.GIFT: Decimal("0.0001"), SubType.LOAN: Decimal("123456789012345.6789")},
    calculation_rule=CalculationRule.MAX_BY_POINT_TYPE,
    required_for_accrual=("email", "attributes.homeStore"),
)
RULE = BaseRule("perAmount", {"points": Decimal("0.1"), "unit": 3, "when": [{"values": [Decimal("1.10"), "x"]}]}, 2)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(SETTINGS, ProgramSettings), (ProgramSettings(), ProgramSettings), ((RULE, RULE), tuple[BaseRule, ...])],
)
async def test_what_is_stored_comes_back_equal(database: Database, value: object, kind: type) -> None:
    async with database.read() as reader:
        stored = (await reader.execute(ECHO, {"document": to_document(value)})).scalar_one()

    assert from_document(stored, kind) == value


async def test_a_setting_that_an_old_document_does_not_have_takes_its_default(database: Database) -> None:
    assert from_document({"max_days_ahead": 7}, ProgramSettings) == ProgramSettings(max_days_ahead=7)
