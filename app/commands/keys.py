"""`milepost key create`: an API key without a token, such as the first one of an installation that has no identity provider."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import with_runtime
from app.commands.people import role_named
from domain.api_keys import LONGEST_LIFE, USUAL_LIFE
from domain.people import LOG_INS, Role

if TYPE_CHECKING:
    from app.runtime import Runtime

app = typer.Typer(no_args_is_help=True, help="Make API keys for systems.")

ROLES = f"Some of the person's roles, of {', '.join(role.value for role in LOG_INS)}; else all of them."
Subject = Annotated[str, typer.Option("--subject", metavar="SUBJECT", help="The person for whom it speaks.")]
Name = Annotated[str, typer.Option(metavar="NAME", help="What it is for.")]
Roles = Annotated[list[Role] | None, typer.Option("--role", parser=role_named, metavar="ROLE", help=ROLES)]
Within = Annotated[str | None, typer.Option("--program", metavar="CODE", help="The only program in which it acts.")]
Days = Annotated[int, typer.Option(min=1, max=LONGEST_LIFE.days, help="For how long it is taken.")]


@app.command()
def create(
    *, subject: Subject, name: Name, role: Roles = None, program: Within = None, days: Days = USUAL_LIFE.days
) -> None:
    """Make an API key and print its secret, which is shown nowhere else.

    Example: curl -H "Authorization: Bearer $(milepost key create --subject till --name 'Till 7')" ...
    """

    async def make(runtime: "Runtime") -> str:
        from domain.commands.api_keys import ApiKeyCreate
        from domain.people import ENGINE
        from domain.services.api_keys import api_key_create

        async with runtime.database.read() as reader:
            expires_at = await runtime.database.now(reader) + timedelta(days=days)
        command = ApiKeyCreate(
            name=name, person=subject, roles=frozenset(role) if role else None, program=program, expires_at=expires_at
        )
        issued = (await api_key_create(runtime.database, ENGINE, command)).result
        return issued.secret or "" if issued else ""

    print(with_runtime(make))


@app.callback()
def _keys() -> None:
    # With a callback, even a single command is called by its name.
    return
