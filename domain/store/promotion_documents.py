"""Promotions in JSON: the kind of an action is known by the fields that only it has.

A document is what `to_document` made of a promotion, in a column or within a program's version.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, get_type_hints

from domain.promotions import Action, AssignPoints, AssignVoucher, ChangeTier, Promotion, Rule, RunRule, UpdateAttribute
from domain.store.documents import from_document

T = TypeVar("T")

KNOWN_BY: dict[str, type[Action]] = {
    "operation": UpdateAttribute,
    "voucher_type": AssignVoucher,
    "tier_class": ChangeTier,
    "kind": RunRule,
}
"""A field, and the action that has it; one that has none of them assigns points."""

HINTS: dict[type, dict[str, Any]] = {kind: get_type_hints(kind) for kind in (Promotion, Rule)}


def promotion_from(document: Mapping[str, Any]) -> Promotion:
    """The promotion of which the document was made."""
    rules = tuple(map(rule_from, document["rules"]))
    return _made(Promotion, document, rules=rules)


def rule_from(document: Mapping[str, Any]) -> Rule:
    """One of its rules."""
    return _made(Rule, document, actions=tuple(map(action_from, document["actions"])))


def action_from(document: Mapping[str, Any]) -> Action:
    """One of a rule's actions."""
    kind = next((kind for field, kind in KNOWN_BY.items() if field in document), AssignPoints)
    return from_document(document, kind)


def _made(kind: type[T], document: Mapping[str, Any], **done: Any) -> T:
    hints = HINTS[kind]
    values = {name: from_document(value, hints[name]) for name, value in document.items() if name not in done}
    return kind(**values, **done)
