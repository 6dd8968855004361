"""Partners: other companies whose customers earn or spend points in a program.

A partner takes part in a program by its terms; without terms, or with inactive ones, its transactions are refused.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Partner:
    """A company, known to the host once, whatever programs it takes part in."""

    id: int
    code: str
    name: str
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """What a program and a partner agreed. `report_within_days`: how late an activity may be reported (None: any time)."""

    program_id: int
    partner_id: int
    active: bool
    report_within_days: int | None
    version: int
