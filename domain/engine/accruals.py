"""Accruals: base points and awards become lots, and everything an activity changes besides."""

from domain.engine import loans, standing, suspension
from domain.engine.base import base_of
from domain.engine.book import Book
from domain.engine.candidates import Who
from domain.engine.chunk import Chunk
from domain.engine.facts import facts_of
from domain.engine.families import flows, gains_of
from domain.engine.grant import extensions_of, lots_of
from domain.engine.lines import balance_lines, decision_lines, given, judgement_of, take_up, tier_lines
from domain.engine.outcome import Outcome
from domain.engine.snapshot import Entry
from domain.engine.vouchers import of_promotions, of_tiers, voucher_lines
from domain.members import MemberStatus
from domain.transactions import Status, SubStatus

# Named once: looking up a member of an enumeration takes as long as making a small object.
PROCESSED, DORMANT = Status.PROCESSED, MemberStatus.DORMANT
SUCCESS, NO_PROMOTIONS_QUALIFIED = SubStatus.SUCCESS, SubStatus.NO_PROMOTIONS_QUALIFIED


def accrue(chunk: Chunk, entry: Entry, book: Book) -> list[Outcome]:
    """Base points and awards become lots; raises Rejected."""
    program, before = chunk.program, dict(book.balances)
    tier = standing.tier_on(program, book, entry.transaction_date)
    facts = facts_of(program, entry, book, tier)
    base = base_of(program, entry, facts)
    judged = judgement_of(chunk, Who(entry, tier, book.member.enrolled, chunk.today), book, facts, base)
    lots = lots_of(program, entry, tier, base, judged.paid)
    gains = gains_of(chunk, entry, book, lots)
    charged = gains.charged if gains.twin is None else gains.charged.of(entry.id)
    extensions = extensions_of(entry, book) if program.extends else ()
    book.add(lots)
    for extension in extensions:
        book.extend((extension.lot_transaction_id, extension.lot_position), extension.expires_on)
    if book.status is DORMANT:
        book.status = MemberStatus.ACTIVE
    granted = take_up(entry, book, judged)
    standing.count(program, book, lots)
    tiers = (*standing.moves(program, book, judged.moves), *standing.upgrades(program, book))
    vouchers = (
        (
            *of_promotions(chunk, entry, judged.vouchers),
            *of_tiers(program, chunk.today, entry.member_id, tiers, entry.id),
        )
        if program.vouchers
        else ()
    )
    extensions += suspension.extensions_of(program, book, entry.id)
    sub_status = SUCCESS if judged.paid or base.source == "ENTRY" else NO_PROMOTIONS_QUALIFIED
    outcome = Outcome(
        entry.id, entry.member_id, entry.attempt, PROCESSED, sub_status,
        chunk.decided(
            sub_status, base=base, **decision_lines(judged), balances=balance_lines(before, book), tier=tier.code if tier else None,
            tier_changes=tier_lines(tiers), vouchers=voucher_lines(vouchers),
            **charged.lines,
        ),
        base.points, lots, extensions=extensions, totals=given(program, lots), granted=granted, tier_changes=tiers,
        vouchers=vouchers, debits=charged.debits, bills=charged.bills,
    )  # fmt: skip
    repaid = loans.follow(chunk, book, outcome, loans.earned_by(entry, entry.id, lots)) if book.loans else [outcome]
    return [*repaid, *flows(chunk, entry, book, gains)]
