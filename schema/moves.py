"""Moves: the steps in the life of a transaction, and those that the viewer of this request may make now.

What is offered comes from the same table that refuses.
"""

from dataclasses import dataclass

import domain.moves as d
from domain.transactions import Transaction
from schema.base import offers
from schema.context import Context, Load

offers(d.Move, "TransactionMove")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A transaction, and the request whose principal would move it."""

    context: Context
    transaction: Transaction


MOVES: Load[Asked, tuple[d.Move, ...]] = Load("moves of a transaction")
