"""Who was here before: repeated idempotency keys and external ids get the first answer, nothing happens twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.drafts import Draft
from domain.engine.decision import decode
from domain.engine.rejections import restored
from domain.entries import NewTransaction
from domain.fingerprints import content_hash
from domain.people import Scope
from domain.postings import Posting
from domain.problems import IdempotencyKeyReused, Problem, Refused
from domain.receipts import Receipt
from domain.store import decisions, external_ids, idempotency, transactions
from domain.store.database import Writer
from domain.store.external_ids import ExternalId
from domain.store.idempotency import Claim
from domain.transactions import Status, Transaction

Answer = Receipt[Transaction]

EVERYTHING = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIdReused(Problem):
    """An external id that a transaction with other content has."""

    code = "EXTERNAL_ID_REUSED"
    external_id: str
    status: Status

    @property
    def message(self) -> str:
        remedy = (
            "reopen and correct that one"
            if self.status is Status.REJECTED_ENGINE
            else "use another id for another transaction"
        )
        return f"External id {self.external_id!r} belongs to a {self.status.value} transaction with other content: {remedy}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDeleted(Problem):
    """A request made again whose transaction was deleted meanwhile: that stays so."""

    code = "TRANSACTION_DELETED"

    @property
    def message(self) -> str:
        return "This request was carried out, and its transaction deleted since: use a new key to record it again."


def key_of(posting: Posting, transaction_id: int) -> Claim:
    """The claim of a posting's idempotency key for its transaction."""
    return Claim(*posting.name, posting.input_hash, "Transaction", transaction_id)


async def by_key(writer: Writer, claims: Mapping[int, Claim]) -> dict[int, Answer]:
    """Claim the keys of postings (by their place in the group); the answers of those who come again."""
    earlier = await idempotency.claim(writer, list(claims.values()))
    repeated = {place: earlier[claim.name] for place, claim in claims.items() if claim.name in earlier}
    answers = await first_answers(writer, {before.answer_id for before in repeated.values()})
    return {
        place: answers.get(before.answer_id, _DELETED) if before.input_hash == claims[place].input_hash else _REUSED
        for place, before in repeated.items()
    }


def as_recorded(answer: Answer) -> Answer:
    """The answer of a command that does not press Process: what the engine refused later was not part of it."""
    return answer if answer.result is None else replace(answer, errors=())


_KEY_PATH = ("input", "idempotencyKey")
_REUSED: Answer = Receipt(errors=(IdempotencyKeyReused(path=_KEY_PATH),))
_DELETED: Answer = Receipt(errors=(TransactionDeleted(path=_KEY_PATH),), replayed=True)


async def by_external_id(writer: Writer, drafts: Mapping[int, Draft]) -> dict[int, Answer | Refused]:
    """Claim the external ids of drafts (by place); the first answer for the same content, a refusal for other."""
    claims = {place: external_id_of(draft) for place, draft in drafts.items() if draft.entry.external_id is not None}
    answered: dict[int, Answer | Refused] = {}
    while claims:
        earlier = await external_ids.claim(writer, list(claims.values()))
        taken = {place: earlier[claim.name] for place, claim in claims.items() if claim.name in earlier}
        answers = await first_answers(writer, {before.transaction_id for before in taken.values()})
        for place, before in taken.items():
            if before.transaction_id in answers:
                answered[place] = _same_or_not(before, claims[place], answers[before.transaction_id])
        # A transaction deleted just now has given its id up.
        claims = {place: claims[place] for place in taken if place not in answered}
    return answered


def external_id_of(draft: Draft) -> ExternalId:
    """The claim of a draft's external id."""
    entry = draft.entry
    assert entry.external_id is not None
    return ExternalId(draft.program_id, draft.partner_id, entry.source, entry.external_id, draft.id, content_of(entry))


def content_of(entry: NewTransaction) -> bytes:
    """By what a repeated external id is recognized: everything but whom it is submitted to, as it is read back from its row."""
    return content_hash(transactions.as_stored(replace(entry, submit_to=None)))


def _same_or_not(before: ExternalId, now: ExternalId, answer: Answer) -> Answer | Refused:
    if before.content_hash == now.content_hash:
        return answer
    assert answer.result is not None
    status = answer.result.status
    return Refused(ExternalIdReused(external_id=now.external_id, status=status, path=("input", "externalId")))


async def first_answers(writer: Writer, ids: set[int]) -> dict[int, Answer]:
    """What was answered for these transactions, to be given again."""
    ordered: Sequence[int] = sorted(ids)
    if not ordered:
        return {}
    found = await transactions.load_many(writer, EVERYTHING, ordered)
    bodies = await decisions.latest(writer, ordered)
    return {each.id: Receipt(each, _errors(each, bodies.get(each.id)), replayed=True) for each in found if each}


def _errors(transaction: Transaction, body: bytes | None) -> tuple[Problem, ...]:
    """A refusal by the engine is an answer too: it is rebuilt from the decision."""
    if transaction.status is not Status.REJECTED_ENGINE or body is None:
        return ()
    refusal = decode(body).refusal
    return () if refusal is None else (restored(refusal).at("input"),)
