"""Transactions: recording, correcting, moving, approving and processing them, previews of it, and lists.

Every move is looked up in one table (`domain/moves.py`) and made under the transaction's lock. What does not touch points
is carried out here at once, `(database, programs, actor, command)`; what presses Process goes over the desk,
`(desk, actor, command)`. All of them answer a `Receipt[Transaction]` or raise `Refused`:

    transaction_create, _update, _delete, _submit, _forward, _reject, _accept, _queue, _send_to_partner,
    _partner_approve, _partner_reject, _recall, _reopen     (database: Database, programs: EnginePrograms, actor, command)
    transaction_approve, transaction_process, points_earn, points_redeem, points_gift       (desk: Desk, actor, command)

    preview(desk, actor, PointsEarn | PointsRedeem | PointsGift | TransactionProcess) -> Preview
    transactions_list(database, actor, filter, order, request, *, descending=False) -> Page[Transaction]
    approvals_list(database, actor, request) -> Page[Transaction]
    moves_of(reader, programs, actor, transactions) -> list[tuple[Move, ...]]
"""
