"""Failures that a person can do something about: they are one line on standard error, never a traceback.

Everything else is a bug of ours and keeps its traceback.
"""


def explained(error: BaseException) -> str | None:
    """What to tell the person, or None if this is not theirs to mend."""
    # Imported when something has gone wrong: a command that works does not wait for it.
    from app.embedded import EmbeddedDatabaseError
    from app.identity import LocalTokensOff
    from app.listening import PortTaken
    from app.settings import InvalidSettingsError
    from domain.problems import Refused
    from domain.store.health import DatabaseUnusable
    from workers.broker import BrokerUnusable

    if isinstance(error, Refused):
        return "\n".join(problem.message for problem in error.problems)
    if isinstance(
        error,
        Failure
        | DatabaseUnusable
        | EmbeddedDatabaseError
        | PortTaken
        | InvalidSettingsError
        | BrokerUnusable
        | LocalTokensOff,
    ):
        return str(error)
    return None


class Failure(Exception):
    """A command cannot be carried out; the message says why, and what would help."""
