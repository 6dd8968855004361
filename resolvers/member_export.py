"""The root field that gives out all data of a member."""

from graphql import GraphQLError

from domain.services import member_export as services
from domain.services.member_export import MOST_TRANSACTIONS
from resolvers.context import Info
from resolvers.members import member_reference
from resolvers.roots import query
from schema.member_references import MemberReference


@query(str | None)
async def member_export(info: Info, reference: MemberReference, program: str | None = None) -> str | None:
    """All data of a member as JSON, to be handed to them: what is stored, and why in sentences. Null: none that you may see."""
    context = info.context
    try:
        wanted = member_reference(reference, "reference")
        return await services.member_export(context.database, context.principal, wanted, program)
    except services.TooMuch as error:
        message = (
            f"The member has {error.count:,} transactions; one answer holds at most {MOST_TRANSACTIONS:,}: "
            "write a file with `milepost export member`."
        )
        raise GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED", "limit": MOST_TRANSACTIONS}) from None
