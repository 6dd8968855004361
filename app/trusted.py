"""Trusted documents: texts that the makers of clients have registered, called by the SHA-256 of their text.

Where only these are executed, a stranger with a token can ask nothing that no client of yours asks.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

PREFIX = "sha256:"


def hash_of(text: str) -> str:
    """The id of a document."""
    return hashlib.sha256(text.encode()).hexdigest()


def checked(given: object) -> dict[str, str]:
    """Ids and texts from a file: each id must be the hash of its text; raises ValueError."""
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise ValueError("a file of trusted documents is one JSON object: the SHA-256 of each document, and its text")
    documents = {name.removeprefix(PREFIX): text for name, text in given.items()}
    for name, text in documents.items():
        if name != hash_of(text):
            raise ValueError(f"the trusted document {name[:80]!r} has the SHA-256 {hash_of(text)}")
    return documents


class TrustedDocuments:
    """The registered documents. `required`: no others are executed."""

    def __init__(self, documents: Mapping[str, str], *, required: bool) -> None:
        self._documents = documents
        self._texts = frozenset(documents.values())
        self._required = required

    def text(self, query: str | None, id: str | None) -> str | None:
        """The document to execute, for the text or the id that a client sent; raises GraphQLError."""
        if id is not None:
            found = self._documents.get(id.removeprefix(PREFIX))
            if found is None or (query and query != found):
                raise _refusal("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound: no trusted document has this id.")
            return found
        if self._required and query and query not in self._texts:
            raise _refusal("DOCUMENT_NOT_TRUSTED", "Only trusted documents are executed here: send the id of one.")
        return query


def id_in(document_id: object, extensions: Mapping[str, Any] | None) -> str | None:
    """The id that a request names, as `documentId` or as clients of Apollo do; None if it names none."""
    match extensions:
        case {"persistedQuery": {"sha256Hash": str(found)}} if document_id is None:
            return found
    return document_id if isinstance(document_id, str) else None


def _refusal(code: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
