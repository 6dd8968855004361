"""Rule kinds: what base rules and actions of promotions can be made of, built in and plugged in."""

import strawberry

import domain.rules as d
from schema.base import shows
from schema.documents import Document


@shows(d.RuleKindInfo)
class RuleKind:
    """A kind of rule that is installed."""

    name: str = strawberry.field(description="Give it as the `kind` of a rule.")
    version: int = strawberry.field(description="Rules name the version for which they were written.")
    role: str = strawberry.field(description="BASE: of a program's base rules; ACTION: of a promotion's actions.")
    summary: str = strawberry.field(description="What it does, in a few words.")
    parameters: Document = strawberry.field(description="The JSON schema of its parameters.")
