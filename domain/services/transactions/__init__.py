"""Transactions: recording, correcting, moving, approving and processing them, previews of it, and lists.

Every move is looked up in one table (`domain/moves.py`) and made under the transaction's lock. What does not touch points
is carried out at once, `(database, programs, actor, command)`; what presses Process goes over the desk, `(desk, actor,
command)`. All of them answer a `Receipt[Transaction]` or raise `Refused`.
"""

from domain.services.transactions.approving import transaction_approve, transaction_forward, transaction_submit
from domain.services.transactions.correcting import transaction_update
from domain.services.transactions.listing import moves_of, transactions_list
from domain.services.transactions.moving import (
    transaction_accept,
    transaction_partner_approve,
    transaction_partner_reject,
    transaction_queue,
    transaction_recall,
    transaction_reject,
    transaction_reopen,
    transaction_send_to_partner,
)
from domain.services.transactions.pressing import (
    points_earn,
    points_gift,
    points_redeem,
    points_transfer,
    transaction_process,
)
from domain.services.transactions.previews import Preview, preview
from domain.services.transactions.recorded import recorded
from domain.services.transactions.recording import transaction_create, transaction_delete
from domain.services.transactions.requeuing import transactions_requeue
from domain.services.transactions.reversing import transaction_cancel, transaction_refund

__all__ = [
    "Preview",
    "moves_of",
    "points_earn",
    "points_gift",
    "points_redeem",
    "points_transfer",
    "preview",
    "recorded",
    "transaction_accept",
    "transaction_approve",
    "transaction_cancel",
    "transaction_create",
    "transaction_delete",
    "transaction_forward",
    "transaction_partner_approve",
    "transaction_partner_reject",
    "transaction_process",
    "transaction_queue",
    "transaction_recall",
    "transaction_refund",
    "transaction_reject",
    "transaction_reopen",
    "transaction_send_to_partner",
    "transaction_submit",
    "transaction_update",
    "transactions_list",
    "transactions_requeue",
]
