"""What a program and a partner agree about points: how they are paid for, at what price, on what credit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.commands.partners import PartnerTermsSet
from domain.partners import Billing, PartnerTerms
from domain.people import ENGINE, Role
from domain.pricing_rules import CurrenciesDiffer
from domain.programs import Program
from domain.services.partners import partner_terms_set
from domain.store.database import Database
from domain.terms import BillingPeriodsOverlap
from tests.support.factories import a_code, a_draft, a_partner, a_point_type, somebody, terms
from tests.support.graphql import Client
from tests.support.partners import a_pricing_rule, a_rate
from tests.support.refusals import places, problems_of

MILES, STARS = "MILES", "STARS"


async def a_club(database: Database) -> Program:
    """A program with two point types."""
    program = await a_draft(database)
    for code in (MILES, STARS):
        await a_point_type(database, program, code=code)
    return program


async def test_terms_are_read_as_they_were_agreed_and_keep_what_is_not_named(database: Database) -> None:
    program, partner = await a_club(database), await a_partner(database)
    rule = await a_pricing_rule(database, program)
    rates = (a_rate(MILES, "2026-01-01", "2026-06-30"), a_rate(MILES, "2026-07-01", percentage=Decimal("80.5")))
    expected = PartnerTerms(
        program.id, partner.id, active=True, report_within_days=30, version=1, billing=Billing.POSTPAID,
        pricing_rule_id=rule.id, reorder_limit=Decimal(5000), minimum_order=Decimal("50000.50"),
        reorder_automatically=True, credit_limit=Decimal("10.25"), partner_approves=True, point_types=(MILES,),
        conversions={MILES: Decimal("0.1")}, rates=rates,
    )  # fmt: skip

    agreed = await terms(
        database, program, partner, report_within_days=30, billing=Billing.POSTPAID, pricing_rule=rule.code,
        reorder_limit=Decimal(5000), minimum_order=Decimal("50000.5"), reorder_automatically=True,
        credit_limit=Decimal("10.25"), partner_approves=True, point_types=(MILES,), conversions={MILES: Decimal("0.10")},
        rates=rates[::-1],
    )  # fmt: skip
    kept = await terms(database, program, partner, expected_version=1)
    cleared = await terms(
        database, program, partner, expected_version=2, pricing_rule=None, reorder_limit=None, minimum_order=None,
        point_types=(), conversions={}, rates=(), billing=Billing.PREPAID, reorder_automatically=False,
        credit_limit=Decimal(0), partner_approves=False,
    )  # fmt: skip

    assert agreed == expected
    assert kept == replace(expected, version=2)
    assert cleared == PartnerTerms(program.id, partner.id, active=True, report_within_days=30, version=3)


async def test_overlapping_periods_of_a_point_type_are_refused_by_name(database: Database) -> None:
    program, partner = await a_club(database), await a_partner(database)
    rates = (a_rate(MILES, "2026-06-30"), a_rate(STARS, "2026-01-01"), a_rate(MILES, "2026-01-01", "2026-06-30"))
    command = PartnerTermsSet(program=program.code, partner=partner.code, rates=rates)

    assert await problems_of(partner_terms_set(database, ENGINE, command)) == [
        BillingPeriodsOverlap(
            point_type=MILES,
            first="2026-01-01 through 2026-06-30",
            second="2026-06-30 on",
            path=("input", "rates", "0"),
        )
    ]


async def test_one_partner_pays_in_one_currency(database: Database) -> None:
    program, partner = await a_club(database), await a_partner(database)
    rule = await a_pricing_rule(database, program, currency="EUR")
    in_dollars = PartnerTermsSet(program=program.code, partner=partner.code, rates=(a_rate(MILES, "2026-01-01"),))
    mixed = replace(in_dollars, rates=(a_rate(MILES, "2026-01-01"), a_rate(STARS, "2026-01-01", currency="EUR")))

    against_rule = await problems_of(partner_terms_set(database, ENGINE, replace(in_dollars, pricing_rule=rule.code)))
    against_each_other = await problems_of(partner_terms_set(database, ENGINE, mixed))

    assert against_rule == [
        CurrenciesDiffer(
            given="USD", expected="EUR", of=f"the pricing rule {rule.code}", path=("input", "rates", "0", "currency")
        )
    ]
    assert against_each_other == [
        CurrenciesDiffer(given="EUR", expected="USD", of="the first rate", path=("input", "rates", "1", "currency"))
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"billing": Billing.POSTPAID}, [("MISSING_INPUT", "input.rates")]),
        ({"billing": Billing.POSTPAID, "active": False}, []),
        ({"reorder_limit": Decimal(5)}, [("MISSING_INPUT", "input.minimumOrder")]),
        ({"reorder_limit": Decimal(5), "minimum_order": Decimal(9)}, [("MISSING_INPUT", "input.pricingRule")]),
        ({"reorder_limit": Decimal("5.001")}, [("INVALID_INPUT", "input.reorderLimit")]),
        ({"minimum_order": Decimal(0)}, [("INVALID_INPUT", "input.minimumOrder")]),
        ({"credit_limit": Decimal(-1)}, [("INVALID_INPUT", "input.creditLimit")]),
        ({"credit_limit": Decimal(10**15)}, [("INVALID_INPUT", "input.creditLimit")]),
        ({"pricing_rule": "NONE"}, [("NOT_FOUND", "input.pricingRule")]),
        ({"point_types": (MILES, "NONE")}, [("NOT_FOUND", "input.pointTypes.1")]),
        ({"point_types": (MILES, MILES)}, [("INVALID_INPUT", "input.pointTypes.1")]),
        ({"point_types": (MILES,) * 101}, [("TOO_MANY", "input.pointTypes")]),
        ({"conversions": {"NONE": Decimal(1)}}, [("NOT_FOUND", "input.conversions.0.pointType")]),
        ({"conversions": {MILES: Decimal(0)}}, [("INVALID_INPUT", "input.conversions.0.rate")]),
        ({"conversions": {MILES: Decimal("0.0000001")}}, [("INVALID_INPUT", "input.conversions.0.rate")]),
        ({"rates": (a_rate("NONE", "2026-01-01"),)}, [("NOT_FOUND", "input.rates.0.pointType")]),
        ({"rates": (a_rate(MILES, "2026-01-02", "2026-01-01"),)}, [("INVALID_INPUT", "input.rates.0.validThrough")]),
        ({"rates": (a_rate(MILES, "2026-01-01", price=Decimal(-1)),)}, [("INVALID_INPUT", "input.rates.0.price")]),
        (
            {"rates": (a_rate(MILES, "2026-01-01", percentage=Decimal(1001)),)},
            [("INVALID_INPUT", "input.rates.0.percentage")],
        ),
        ({"rates": (a_rate(MILES, "2026-01-01", currency="X"),)}, [("UNKNOWN_CURRENCY", "input.rates.0.currency")]),
        ({"rates": (a_rate(MILES, "2026-01-01"),) * 1001}, [("TOO_MANY", "input.rates")]),
    ],
)
async def test_wrong_terms_are_refused_with_the_place(
    database: Database, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    program, partner = await a_club(database), await a_partner(database)
    command = PartnerTermsSet(program=program.code, partner=partner.code, **values)

    if not expected:
        assert (await partner_terms_set(database, ENGINE, command)).errors == ()
        return
    assert places(await problems_of(partner_terms_set(database, ENGINE, command))) == expected


async def test_a_reorder_must_have_a_price(database: Database) -> None:
    program, partner = await a_club(database), await a_partner(database)
    rule, halted = await a_pricing_rule(database, program), await a_pricing_rule(database, program, active=False)
    command = PartnerTermsSet(
        program=program.code, partner=partner.code, pricing_rule=rule.code, reorder_limit=Decimal(5),
        minimum_order=Decimal(200_000),
    )  # fmt: skip

    outside = await problems_of(partner_terms_set(database, ENGINE, command))
    inactive = await problems_of(partner_terms_set(database, ENGINE, replace(command, pricing_rule=halted.code)))

    assert places(outside) == [("NO_PRICE_FOR_QUANTITY", "input.minimumOrder")]
    assert outside[0].message == (
        f"{rule.code} has no price for 200,000 points: its ranges are 1 to 49,999; 50,000 to 199,999."
    )
    assert ("PRICING_RULE_INACTIVE", "input.pricingRule") in places(inactive)


async def test_terms_are_agreed_and_shown_through_the_api(database: Database) -> None:
    program, partner, manager = await a_club(database), await a_partner(database), somebody(Role.PARTNER_MANAGER)
    rule = await a_pricing_rule(database, program)
    shown = """terms { billing pricingRule { code } reorderLimit minimumOrder reorderAutomatically creditLimit
        partnerApproves pointTypes conversions { pointType rate }
        rates { pointType validFrom validThrough price currency percentage } }"""

    agreed = await Client(database, manager).command(
        "partnerTermsSet", shown, program=program.code, partner=partner.code, billing="POSTPAID", pricingRule=rule.code,
        reorderLimit=100, minimumOrder="50000", reorderAutomatically=True, creditLimit="0.5", partnerApproves=True,
        pointTypes=[STARS], conversions=[{"pointType": STARS, "rate": "0.1"}],
        rates=[{"pointType": STARS, "validFrom": "2026-01-01", "price": "0.008", "currency": "USD"}],
    )  # fmt: skip

    assert agreed["errors"] == []
    assert agreed["terms"] == {
        "billing": "POSTPAID", "pricingRule": {"code": rule.code}, "reorderLimit": "100.00", "minimumOrder": "50000.00",
        "reorderAutomatically": True, "creditLimit": "0.50", "partnerApproves": True, "pointTypes": [STARS],
        "conversions": [{"pointType": STARS, "rate": "0.1"}],
        "rates": [
            {"pointType": STARS, "validFrom": "2026-01-01", "validThrough": None, "price": "0.008", "currency": "USD",
             "percentage": "100"}
        ],
    }  # fmt: skip
    twice = {"conversions": [{"pointType": STARS, "rate": 1}] * 2, "expectedVersion": 1}
    refused = await Client(database, manager).refused(
        "partnerTermsSet", program=program.code, partner=partner.code, **twice
    )
    assert refused == [("INVALID_INPUT", "conversions.1")]


async def test_the_database_itself_refuses_rates_that_overlap(database: Database) -> None:
    program, partner = await a_club(database), await a_partner(database)
    await terms(database, program, partner, rates=(a_rate(MILES, "2026-01-01", "2026-06-30"),))
    again = text(
        "insert into billing_rate (program_id, partner_id, point_type_id, valid_from, price, currency, percentage)"
        " select program_id, partner_id, point_type_id, date '2026-06-30', 1, 'USD', 100 from billing_rate"
        " where program_id = :program_id"
    )

    async with database.write() as writer:
        with pytest.raises(IntegrityError, match="ex_billing_rate_overlap"):
            await writer.execute(again, {"program_id": program.id})
        await writer.rollback()


async def test_a_pricing_rule_of_another_program_does_not_exist_here(database: Database) -> None:
    program, elsewhere, partner = await a_club(database), await a_club(database), await a_partner(database)
    rule = await a_pricing_rule(database, elsewhere, code=a_code("R"))
    command = PartnerTermsSet(program=program.code, partner=partner.code, pricing_rule=rule.code)

    assert places(await problems_of(partner_terms_set(database, ENGINE, command))) == [
        ("NOT_FOUND", "input.pricingRule")
    ]
