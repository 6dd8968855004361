"""Partners and the terms by which they take part in programs.

Terms belong to a program and a partner together: whoever is bound to one program sets only its terms, and changes no
partner that takes part in others.
"""

from domain.codes import code_problems, name_problems
from domain.commands.members import Unchanged
from domain.commands.partners import PartnerCreate, PartnerTermsSet, PartnerUpdate
from domain.partners import Partner, PartnerTerms
from domain.people import Principal, Scope
from domain.pricing_rules import PricingRule
from domain.problems import AlreadyExists, NotAllowed, Problem, Refused
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.store import blocks, locks, point_types, pricing_rules, programs
from domain.store import partners as store
from domain.store.database import Database, Reader, Writer
from domain.terms import CreditInUse, changed, terms_problems


async def partner_create(database: Database, actor: Principal, command: PartnerCreate) -> Receipt[Partner]:
    """Add a partner."""
    refuse([*code_problems(command.code, INPUT, "code"), *name_problems(command.name, INPUT, "name")])
    async with database.write() as writer:
        partner = await store.add(writer, code=command.code, name=command.name, active=command.active)
        if partner is None:
            raise Refused(AlreadyExists(what="partner", key=command.code, path=(INPUT, "code")))
        return Receipt(partner)


async def partner_update(database: Database, actor: Principal, command: PartnerUpdate) -> Receipt[Partner]:
    """Change a partner; an inactive one takes part in no program."""
    async with database.write() as writer:
        partner = await _locked(writer, actor, command.partner)
        check_version(command.expected_version, partner.version)
        refuse([*name_problems(command.name, INPUT, "name"), *await _reach_problems(writer, actor, partner)])
        active = partner.active if command.active is None else command.active
        return Receipt(await store.change(writer, partner.id, name=command.name or partner.name, active=active))


async def partner_terms_set(database: Database, actor: Principal, command: PartnerTermsSet) -> Receipt[PartnerTerms]:
    """Agree terms, or change them. A new credit limit waits for every chunk that may be overdrawing by the old one."""
    async with database.write() as writer:
        program = found(
            await programs.find(writer, actor.scope, command.program), "program", command.program, "program"
        )
        if command.credit_limit is not None:
            await locks.program_alone(writer, program.id)
        partner = await _locked(writer, actor, command.partner)
        before = await store.terms(writer, program.id, partner.id) or _new_terms(program.id, partner.id)
        check_version(command.expected_version, before.version)
        rule = await _pricing_rule(writer, before, command.pricing_rule)
        after, known = changed(before, command, rule), await point_types.of_program(writer, program.id)
        refuse(terms_problems(after, rule, known, INPUT))
        refuse(await _credit_problems(writer, after))
        return Receipt(await store.set_terms(writer, after, known))


async def _pricing_rule(writer: Writer, before: PartnerTerms, named: str | Unchanged | None) -> PricingRule | None:
    """The pricing rule of the terms as they will be."""
    if isinstance(named, str):
        return found(await pricing_rules.lock(writer, before.program_id, named), "pricing rule", named, "pricingRule")
    if named is None or before.pricing_rule_id is None:
        return None
    [rule] = await pricing_rules.load_many(writer, Scope(), [before.pricing_rule_id])
    return rule


async def _credit_problems(reader: Reader, terms: PartnerTerms) -> list[Problem]:
    overdrawn = await blocks.overdrawn(reader, terms.program_id, terms.partner_id)
    if overdrawn <= terms.credit_limit:
        return []
    return [CreditInUse(overdrawn=overdrawn, credit_limit=terms.credit_limit, path=(INPUT, "creditLimit"))]


async def _locked(writer: Writer, actor: Principal, code: str) -> Partner:
    return found(await store.lock(writer, actor.scope, code), "partner", code, "partner")


async def _reach_problems(reader: Reader, actor: Principal, partner: Partner) -> list[Problem]:
    """A change of a partner is felt in every program it takes part in."""
    program_id = actor.scope.program_id
    if program_id is None or not await store.takes_part_elsewhere(reader, partner.id, program_id):
        return []
    return [NotAllowed(why="this partner takes part in other programs than yours, too", path=(INPUT, "partner"))]


def _new_terms(program_id: int, partner_id: int) -> PartnerTerms:
    return PartnerTerms(program_id, partner_id, active=True, report_within_days=None, version=0)
