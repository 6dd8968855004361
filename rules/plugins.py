"""Rule kinds at work: compiled by strangers, so whatever they raise or answer is made safe here.

A kind that goes wrong is a fault of that transaction alone, and the fault names the kind.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.problems import Refused
from domain.rule_problems import InvalidRule
from domain.rules import Proposal
from rules.context import Context
from rules.faults import Fault
from rules.kinds import Evaluate, Rejection, RuleKind, WrongCurrency
from rules.proposals import checked
from rules.sandbox import shared

MAX_PROPOSALS = 100


def evaluating(kind: RuleKind[Any], given: Mapping[str, Any], parameters: Any, context: Context) -> Evaluate:
    """A kind at work on parameters as given and as validated; in a helper process, if the program does not trust it."""
    if kind.name in context.untrusted:
        return _isolated(kind, given, context)
    return _guarded(kind, parameters)


def _guarded(kind: RuleKind[Any], parameters: Any) -> Evaluate:
    """Whatever the kind raises, now or later, is a problem or a fault that names it."""
    try:
        evaluate = kind.compile(parameters)
    except Exception as error:
        raise _refused(kind, error) from error
    name = f"{kind.name} {kind.version}"

    def run(snapshot: Any) -> Any:
        try:
            return _accepted(evaluate(snapshot), name)
        except (Fault, WrongCurrency):
            raise
        except Exception as error:
            raise Fault(f"{name} failed: {type(error).__name__}: {error}") from error

    return run


def _isolated(kind: RuleKind[Any], given: Mapping[str, Any], context: Context) -> Evaluate:
    sandbox, limit = shared(context.registry.origins), context.time_limit
    try:
        sandbox.ask(kind.name, kind.version, given, None, limit)
    except Fault as fault:
        raise _refused(kind, fault) from fault
    name = f"{kind.name} {kind.version}"
    return lambda snapshot: _accepted(sandbox.ask(kind.name, kind.version, given, snapshot, limit), name)


def _refused(kind: RuleKind[Any], error: Exception) -> Refused:
    return Refused(InvalidRule(path=("kind",), reason=f"`{kind.name}` refuses these parameters: {error}"))


def _accepted(answer: Any, name: str) -> Any:
    if isinstance(answer, Rejection):
        raise Fault(f"{name} rejected it: {answer.reason}")
    return answer


def proposing(kind: RuleKind[Any], context: Context) -> Callable[[Any], tuple[Proposal, ...]]:
    """From an answer of a kind to proposals; anything else is a fault."""
    name = f"{kind.name} {kind.version}"

    def proposals(answer: Any) -> tuple[Proposal, ...]:
        found = answer if isinstance(answer, (list, tuple)) else () if answer is None else (answer,)
        if len(found) > MAX_PROPOSALS:
            raise Fault(f"{name} proposed {len(found)} things; at most {MAX_PROPOSALS} are allowed")
        try:
            return tuple(checked(each, context) for each in found)
        except (TypeError, ValueError) as error:
            raise Fault(f"{name} gave nonsense: {error}") from error

    return proposals
