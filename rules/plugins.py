"""Rule kinds at work: compiled by strangers, so whatever they raise or answer is made safe here.

A kind that goes wrong is a fault of that transaction alone, and the fault names the kind.
"""

from collections.abc import Callable
from typing import Any

from domain.problems import Refused
from domain.rule_problems import InvalidRule
from domain.rules import Proposal
from rules.context import Context
from rules.faults import Fault
from rules.kinds import Evaluate, Rejection, RuleKind, WrongCurrency
from rules.proposals import checked

MAX_PROPOSALS = 100


def guarded(kind: RuleKind[Any], parameters: Any) -> Evaluate:
    """Compiled by the kind; whatever it raises, then or later, is a problem or a fault that names it."""
    try:
        evaluate = kind.compile(parameters)
    except Exception as error:
        raise Refused(InvalidRule(path=("kind",), reason=f"{kind.name} refuses these parameters: {error}")) from error
    name = f"{kind.name} {kind.version}"

    def run(snapshot: Any) -> Any:
        try:
            answer = evaluate(snapshot)
        except (Fault, WrongCurrency):
            raise
        except Exception as error:
            raise Fault(f"{name} failed: {type(error).__name__}: {error}") from error
        if isinstance(answer, Rejection):
            raise Fault(f"{name} rejected it: {answer.reason}")
        return answer

    return run


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
