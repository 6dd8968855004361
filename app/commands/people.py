"""`milepost token`: for scripts, for tries, and for the first administrator of a new installation."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import with_runtime
from domain.people import Role

if TYPE_CHECKING:
    from app.runtime import Runtime

RoleOption = Annotated[Role, typer.Option(case_sensitive=False, help="The role that the person must have.")]
Partner = Annotated[str | None, typer.Option(metavar="CODE", help="Of this partner.")]
Member = Annotated[str | None, typer.Option(metavar="NUMBER", help="The log-in of this member.")]
InProgram = Annotated[str | None, typer.Option("--program", metavar="CODE", help="The member is one of this program.")]


def token(role: RoleOption, partner: Partner = None, member: Member = None, program: InProgram = None) -> None:
    """Print a token for somebody who has a role: of several, for whoever was added first. It is valid for 12 hours.

    Example: curl -H "Authorization: Bearer $(milepost token --role MSR)" ...
    """

    async def make(runtime: "Runtime") -> str:
        from app.identity import make_token
        from app.tokens import subject_of

        subject = await subject_of(runtime.database, role, partner=partner, member=member, program=program)
        return make_token(runtime.settings, subject)

    print(with_runtime(make))
