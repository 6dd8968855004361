"""The statement that a member's field asks for."""

from domain.services import statements
from domain.statements import Statement
from resolvers.context import Context
from schema.statements import STATEMENT, StatementAsked


@STATEMENT.answered_by
async def _statement(context: Context, asked: StatementAsked) -> Statement | None:
    scope = context.principal.scope
    return await statements.member_statement(context.database, scope, asked.member_id, asked.starts_on, asked.ends_on)
