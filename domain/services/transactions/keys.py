"""Idempotency keys of commands that do not go over the desk: claimed first, given up with everything else if refused."""

from domain.people import Principal
from domain.problems import Missing
from domain.services.checks import INPUT, refuse
from domain.store.idempotency import Claim
from domain.values import text_problems

MAX_KEY = 200


def check_key(key: str) -> None:
    """Refuse a key that cannot be one."""
    path = (INPUT, "idempotencyKey")
    refuse(text_problems(key, MAX_KEY, *path) if key else [Missing(why="every new request needs a key", path=path)])


def claim_of(actor: Principal, mutation: str, key: str, input_hash: bytes, transaction_id: int) -> Claim:
    """The claim of a key whose answer will be a transaction."""
    check_key(key)
    return Claim(actor.subject, mutation, key, input_hash, "Transaction", transaction_id)
