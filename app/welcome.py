"""What a newcomer is told once everything runs: the address, a token per role, and a first query to paste."""

import json

from app.identity import LIFETIME, make_token
from app.settings import Settings
from app.tokens import subjects_by_role
from domain.people import Role
from domain.store.database import Database

QUERY = """{
  member(program: "CITRUS", reference: { number: "1001" }) {
    name
    balances { pointType available earned redeemed }
    expiring(within: 365) { points expiresOn }
    transactions(first: 3) {
      edges { node { transactionDate type subType decision { text } } }
    }
  }
}"""
"""What a member of the sample has, and why."""


def url_of(settings: Settings) -> str:
    """The address of the API, as a person types it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/graphql"


async def welcome(settings: Settings, database: Database) -> str:
    """The text. It has no tokens where none of our own are taken, as in production."""
    parts = [f"Milepost is ready: {url_of(settings)}"]
    if settings.takes_local_tokens:
        subjects = await subjects_by_role(database)
        tokens = {role: make_token(settings, subject) for role, subject in subjects.items()}
        parts += [_tokens(tokens), *_first_query(settings, tokens)]
    where = f" in {settings.data_folder.resolve()}" if settings.database_url is None else ""
    return "\n\n".join([*parts, f"Ctrl-C stops everything; the data stays{where}."])


def _tokens(tokens: dict[Role, str]) -> str:
    hours = int(LIFETIME.total_seconds()) // 3600
    width = max((len(role.value) for role in tokens), default=0)
    lines = [f"  {role.value:<{width}}  {token}" for role, token in tokens.items()]
    return "\n".join([f"A token per role, for {hours} hours (milepost token --role ROLE makes more):", *lines])


def _first_query(settings: Settings, tokens: dict[Role, str]) -> list[str]:
    if Role.MSR not in tokens:
        return []
    body = json.dumps({"query": " ".join(QUERY.split())})
    curl = (
        f"  curl -w '\\n' {url_of(settings)} -H 'Content-Type: application/json' \\\n"
        f"    -H 'Authorization: Bearer {tokens[Role.MSR]}' \\\n"
        f"    -d '{body}'"
    )
    lines = "\n".join(f"  {line}" for line in QUERY.splitlines())
    return [
        f"A first query, with the token of the MSR:\n\n{curl}",
        f"The same for GraphiQL, which opens in a browser at the address above:\n\n{lines}",
    ]
