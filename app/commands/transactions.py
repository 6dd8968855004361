"""`milepost expire`: the nightly expiry, by hand and watched.

Workers do it by themselves. Whoever interrupts it loses nothing: every chunk is a commit of its own.
"""

from typing import TYPE_CHECKING

from app.commands.common import Program, counted, with_runtime

if TYPE_CHECKING:
    from app.runtime import Runtime
    from domain.services.expiry import Expired


def expire(program: Program) -> None:
    """Expire what has lapsed in a program by today. Balances know it before; this writes it down.

    Example: milepost expire --program GROCER
    """

    async def work(runtime: "Runtime") -> str:
        from app.progress import watched
        from domain.services import expiry

        async with runtime.database.read() as reader:
            program_id = await runtime.programs.id_of(reader, program, "program")
        chunks = expiry.expire(runtime.database, runtime.programs, program_id)
        done = await watched(chunks, f"Expiring {program}", None, lambda expired: expired.members)
        return _expired(program, done or expiry.Expired())

    print(with_runtime(work))


def _expired(program: str, done: "Expired") -> str:
    if not done.transactions:
        return f"{program}: nothing has lapsed that is not written down already."
    made = f"{counted(done.transactions, 'transaction')} of {counted(done.members, 'member')}"
    lines = [f"{program}: {made} made for what has lapsed."]
    lines += [f"  {points:>12,f}  {code}" for code, points in sorted(done.points.items())]
    return "\n".join(lines)
