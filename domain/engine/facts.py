"""The snapshot that rules read: attribute values before this transaction, under the names of the API."""

from typing import Any

from domain.engine.book import Book
from domain.engine.history import points_facts
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry
from domain.tiers import Tier

NOTHING: dict[str, Any] = {}


def facts_of(program: EngineProgram, entry: Entry, book: Book, tier: Tier | None) -> dict[str, Any]:
    """Everything a rule may see; `transaction.basePoints` is filled in when it is known."""
    product, partner = entry.product, entry.partner
    return {
        "transaction": {
            "type": entry.type._value_,
            "subType": entry.sub_type._value_,
            "date": entry.transaction_date,
            "amount": entry.amount,
            "currency": entry.currency,
            "quantity": entry.quantity,
            "product": product.code if product else None,
            "partner": partner.code if partner else None,
            "basePoints": None,
            "attributes": entry.attributes,
        },
        "lines": [
            {"product": line.product, "quantity": line.quantity, "amount": line.amount, "attributes": line.attributes}
            for line in entry.line_items
        ],
        "member": book.facts,
        "product": {"code": product.code, "name": product.name, "attributes": product.attributes}
        if product
        else NOTHING,
        "partner": {"code": partner.code} if partner else NOTHING,
        "tier": {"code": tier.code, "class": tier.tier_class} if tier else NOTHING,
        "points": points_facts(program.windows, program.by_code, book.earned, entry.transaction_date),
        "counters": {**program.counters, **book.counters},
    }
