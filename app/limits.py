"""How much one request may ask for. What a document alone decides is worked out once per document, never per request.

Every refusal names the limit and what was found. Counting follows fragments once each, so that a small document cannot
blow up into a large one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    ListValueNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
    ValidationRule,
    specified_rules,
)
from graphql.validation.validate import ValidationAbortedError

CHARACTERS = 50_000
TOKENS = 2_000
DEPTH = 15
ALIASES = 30
DIRECTIVES = 20
ROOTS = 10
LIST = 500
TEXT = 20_000
NESTING = 20
COMPARISONS = 20_000
"""Steps for finding out whether fields with the same name mean the same: they grow with the square of how often one is asked."""


def exceeded(what: str, limit: int, found: int) -> GraphQLError:
    """A limit that a request goes beyond."""
    message = f"This request has {found:,} {what}; at most {limit:,} are allowed."
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED", "limit": limit, "found": found})


@dataclass(frozen=True, slots=True)
class Size:
    """Of a selection set, fragments included: levels of fields, aliases below, and fields on its own level."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


class Shape:
    """Measures the operations of a document, each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[str, Size] = {}
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]

    def check(self) -> None:
        """Refuse operations that are too deep, too wide or too often renamed."""
        for operation in self._operations:
            size = self._size(operation.selection_set)
            for what, limit, found in (
                ("levels of fields", DEPTH, size.depth),
                ("aliases", ALIASES, size.aliases),
                ("root fields", ROOTS, size.fields),
            ):
                if found > limit:
                    raise exceeded(what, limit, found)

    def _size(self, selections: SelectionSetNode) -> Size:
        depth = aliases = fields = 0
        for node in selections.selections:
            inner = self._inner(node)
            own = isinstance(node, FieldNode)
            depth = max(depth, inner.depth + own)
            aliases += inner.aliases + (isinstance(node, FieldNode) and node.alias is not None)
            fields += 1 if own else inner.fields
        return Size(depth, aliases, fields)

    def _inner(self, node: Any) -> Size:
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        # Introspection is bounded by a rule of its own.
        if isinstance(node, FieldNode) and (node.selection_set is None or node.name.value.startswith("__")):
            return Size()
        return self._size(node.selection_set)

    def _fragment(self, name: str) -> Size:
        if name not in self._known and name in self._fragments:
            self._known[name] = Size()  # a circle ends here; validation names it
            self._known[name] = self._size(self._fragments[name].selection_set)
        return self._known.get(name, Size())


class Values(ValidationRule):
    """Bounds what stands in the document itself: directives, lists, strings."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._directives = 0

    def enter_directive(self, _node: DirectiveNode, *_: Any) -> None:
        self._directives += 1

    def enter_list_value(self, node: ListValueNode, *_: Any) -> None:
        if len(node.values) > LIST:
            self.report_error(exceeded("items in one list", LIST, len(node.values)))

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        _check_text(node.value, self.report_error)

    def leave_document(self, _node: DocumentNode, *_: Any) -> None:
        if self._directives > DIRECTIVES:
            self.report_error(exceeded("directives", DIRECTIVES, self._directives))


class Overlaps(OverlappingFieldsCanBeMergedRule):
    """Bounds how long it is looked whether fields with the same name mean the same."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = COMPARISONS

    def enter_selection_set(self, *given: Any) -> None:
        """As the rule does; beyond the bound nothing more is looked at."""
        try:
            super().enter_selection_set(*given)
        except ValidationAbortedError:
            if self.rule_context.remaining_complexity_budget >= 0:
                raise
            raise ValidationAbortedError(
                REPEATED, extensions={"code": "LIMIT_EXCEEDED", "limit": COMPARISONS}
            ) from None


REPEATED = (
    "This request asks the same fields too often beside each other: ask each once, and put together what is below it."
)
RULES = (*(Overlaps if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules), Values)


def _refuse(error: GraphQLError) -> None:
    raise error


def check_variables(value: object, levels: int = NESTING) -> None:
    """Refuse variables with too long a list or text, or nested too deep: once per request, in proportion to its size."""
    if type(value) is str:
        _check_text(value, _refuse)
        return
    if not isinstance(value, dict | list):
        return
    if not levels:
        raise exceeded("levels in its variables", NESTING, NESTING + 1)
    if isinstance(value, list) and len(value) > LIST:
        raise exceeded("items in one list", LIST, len(value))
    for item in value.values() if isinstance(value, dict) else value:
        check_variables(item, levels - 1)


def _check_text(text: str, refuse: Callable[[GraphQLError], None]) -> None:
    if len(text) > TEXT:
        refuse(exceeded("characters in one string", TEXT, len(text)))
    if "\0" in text:
        refuse(
            GraphQLError("A string has a NUL character: no text can hold one.", extensions={"code": "BAD_USER_INPUT"})
        )
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        refuse(
            GraphQLError(
                "A string has half a surrogate pair: it is not valid Unicode.", extensions={"code": "BAD_USER_INPUT"}
            )
        )
