"""`milepost token` and `person create`: for scripts, for tries, and for the first administrator of a new installation."""

import shlex
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import begin, with_runtime
from domain.people import LOG_INS, Role

if TYPE_CHECKING:
    from app.runtime import Runtime

app = typer.Typer(no_args_is_help=True, help="Add people, such as the first administrator.")


def role_named(name: str) -> Role:
    """A role by its name, in any case; raises BadParameter."""
    found = {role.value: role for role in LOG_INS}.get(name.upper())
    if found is None:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(role.value for role in LOG_INS)}.")
    return found


def _points(said: str) -> Decimal:
    with suppress(InvalidOperation):
        if (number := Decimal(said)).is_finite():
            return number
    raise typer.BadParameter(f"{said!r} is not a number.")


ROLES = f"One of {', '.join(role.value for role in LOG_INS)}."
RoleOption = Annotated[
    Role | None, typer.Option(parser=role_named, metavar="ROLE", help=f"For whoever has this role. {ROLES}")
]
Subject = Annotated[str | None, typer.Option(metavar="SUBJECT", help="For this person.")]
Partner = Annotated[str | None, typer.Option(metavar="CODE", help="Of this partner.")]
Member = Annotated[str | None, typer.Option(metavar="NUMBER", help="The log-in of this member.")]
InProgram = Annotated[str | None, typer.Option("--program", metavar="CODE", help="The member is one of this program.")]

NewSubject = Annotated[str, typer.Option("--subject", metavar="SUBJECT", help="As their tokens name them.")]
Name = Annotated[str, typer.Option(metavar="NAME", help="For people.")]
Roles = Annotated[
    list[Role], typer.Option("--role", parser=role_named, metavar="ROLE", help=f"May be given several times. {ROLES}")
]
Bound = Annotated[str | None, typer.Option("--program", metavar="CODE", help="The only one they see; else all.")]
Manager = Annotated[str | None, typer.Option(metavar="SUBJECT", help="Where their requests for approval go.")]
Limit = Annotated[Decimal, typer.Option(parser=_points, metavar="POINTS", help="How much they approve at once.")]


def token(
    *,
    role: RoleOption = None,
    subject: Subject = None,
    partner: Partner = None,
    member: Member = None,
    program: InProgram = None,
) -> None:
    """Print a token for a person, or for somebody who has a role: of several, for whoever was added first. It is valid for 12 hours.

    Example: curl -H "Authorization: Bearer $(milepost token --role MSR)" ...
    """
    if (role is None) == (subject is None):
        raise typer.BadParameter("give either --role or --subject")

    from app import tokens
    from app.identity import make_token, signing_key
    from app.runtime import run

    settings = begin()
    signing_key(settings)  # where no token is taken, nobody waits for a database to hear it

    async def make(runtime: "Runtime") -> str:
        if role is None:
            found = await tokens.active(runtime.database, subject or "")
        else:
            found = await tokens.subject_of(runtime.database, role, partner=partner, member=member, program=program)
        return make_token(settings, found)

    print(run(settings, make))


@app.command()
def create(
    *,
    subject: NewSubject,
    name: Name,
    role: Roles,
    program: Bound = None,
    partner: Partner = None,
    manager: Manager = None,
    limit: Limit = Decimal(0),
) -> None:
    """Add a person who may log in; no token is needed for it.

    Example: milepost person create --subject ada --name "Ada Winter" --role PROGRAM_ADMINISTRATOR
    """

    async def add(runtime: "Runtime") -> None:
        from domain.commands.people import PersonCreate
        from domain.people import ENGINE
        from domain.services.people import person_create

        command = PersonCreate(
            subject=subject,
            name=name,
            roles=frozenset(role),
            program=program,
            partner=partner,
            manager=manager,
            transaction_approval_limit=limit,
        )
        await person_create(runtime.database, ENGINE, command)

    with_runtime(add)
    print(f"{subject} is added. A token for them: milepost token --subject {shlex.quote(subject)}")


@app.callback()
def _people() -> None:
    # With a callback, even a single command is called by its name.
    return
