"""What a member's field asks about its transactions: which, in what order, and which page of them."""

from dataclasses import dataclass

from domain.pages import PageRequest
from domain.transactions import Transaction
from schema.paged import Paged
from schema.transactions import MemberTransactionFilter, TransactionOrderBy


@dataclass(frozen=True, slots=True)
class TransactionsAsked:
    """A page of the transactions of a member."""

    member_id: int
    filter: MemberTransactionFilter
    order: TransactionOrderBy
    request: PageRequest


TRANSACTIONS: Paged[TransactionsAsked, Transaction] = Paged("transactions of a member")
