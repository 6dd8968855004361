"""Documents that were seen before: parsed, validated and measured once, then only looked up.

Per run only the variables are checked, and what they make the document cost. The memory is bounded by the number of
documents and by their length; the one that was used longest ago goes first.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, validate
from graphql.validation import ASTValidationRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

from app.cost import BUDGET, Plan
from app.execution import Compiled, compiled
from app.limits import CHARACTERS, RULES, TOKENS, Shape, check_variables, exceeded

MAX_DOCUMENTS = 1000
MAX_CHARACTERS = 1_000_000
MAX_ERRORS = 20
"""Of one document; more are not looked for."""
TOO_MANY_DIGITS = "A number in this document has too many digits."
"""More than Python turns into a number: its own error says so while the document is validated."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document, what its operations cost, and what executes them (nothing: graphql-core does)."""

    document: DocumentNode
    plan: Plan
    operations: Mapping[str | None, Compiled]


def _made(schema: GraphQLSchema, document: DocumentNode) -> Prepared:
    return Prepared(document, Plan(schema, document), compiled(schema, document))


class Documents:
    """The documents of one schema; `rules` are validation rules beside our own. `suggest`: errors name what may be meant."""

    def __init__(self, *rules: type[ASTValidationRule], suggest: bool = True) -> None:
        self._rules = (*RULES, MaybeNullValidationRule, OneOfInputValidationRule, *rules)
        self._suggest = suggest
        self._known: OrderedDict[str, Prepared] = OrderedDict()
        self._characters = 0

    def prepare(self, run: ExecutionContext) -> None:
        """Give a run its document, or the errors that end it."""
        try:
            prepared = self._prepared(run, run.query or "")
            if prepared is None:
                return
            run.graphql_document, run.pre_execution_errors = prepared.document, []
            check_variables(run.variables or {})
            cost = prepared.plan.check(run._provided_operation_name, run.variables or {})  # noqa: SLF001 not offered otherwise
            run.extensions_results["cost"] = {"requested": cost, "budget": BUDGET}
        except GraphQLSyntaxError:
            run.parse_options["max_tokens"] = TOKENS  # it fails again where syntax errors are reported
        except GraphQLError as error:
            run.pre_execution_errors = [error]
        except RecursionError:
            too_deep = GraphQLError("This document is nested too deep.", extensions={"code": "LIMIT_EXCEEDED"})
            run.graphql_document, run.pre_execution_errors = run.graphql_document or EMPTY, [too_deep]

    def _prepared(self, run: ExecutionContext, query: str) -> Prepared | None:
        if known := self._known.get(query):
            self._known.move_to_end(query)
            return known
        if not query:
            return None
        document = self._parsed(run, query)
        Shape(document).check()
        schema = run.schema._schema  # noqa: SLF001 Strawberry has no public name for it
        run.pre_execution_errors = validate(
            schema, document, self._rules, max_errors=MAX_ERRORS, hide_suggestions=not self._suggest
        )
        if any(isinstance(error.original_error, ValueError) for error in run.pre_execution_errors):
            raise GraphQLError(TOO_MANY_DIGITS, extensions={"code": "LIMIT_EXCEEDED"})
        return None if run.pre_execution_errors else self._remember(query, _made(schema, document))

    def _parsed(self, run: ExecutionContext, query: str) -> DocumentNode:
        if len(query) > CHARACTERS:
            run.graphql_document = EMPTY
            raise exceeded("characters in its document", CHARACTERS, len(query))
        run.graphql_document = parse(query, max_tokens=TOKENS)
        return run.graphql_document

    def compiled(self, run: ExecutionContext) -> Compiled | None:
        """What executes the operation of a run whose document is found valid; None where graphql-core does."""
        known = self._known.get(run.query or "")
        if known is None or known.document is not run.graphql_document:
            return None
        name = run._provided_operation_name  # noqa: SLF001 not offered otherwise
        return known.operations.get(name) if name else next(iter(known.operations.values()), None)

    def _remember(self, query: str, prepared: Prepared) -> Prepared:
        self._known[query] = prepared
        self._characters += len(query)
        while len(self._known) > MAX_DOCUMENTS or self._characters > MAX_CHARACTERS:
            oldest, _ = self._known.popitem(last=False)
            self._characters -= len(oldest)
        return prepared


EMPTY = parse("{ __typename }")
"""Stands for a document that was refused before it was parsed."""
