"""Why a command about a promotion is refused, besides what is wrong with its rules."""

from dataclasses import dataclass
from datetime import date

from domain.attributes import AttributeType
from domain.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionActive(Problem):
    """An active promotion does not change."""

    code = "PROMOTION_ACTIVE"
    promotion: str

    @property
    def message(self) -> str:
        return f"{self.promotion} is active: deactivate it, change it, and activate it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionInactive(Problem):
    """What is asked needs an active promotion."""

    code = "PROMOTION_INACTIVE"
    promotion: str

    @property
    def message(self) -> str:
        return f"{self.promotion} is not active: activate it first."


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionNeeded(Problem):
    """Other rules read what only this promotion counts."""

    code = "PROMOTION_NEEDED"
    promotion: str
    attributes: tuple[str, ...]
    by: tuple[str, ...]

    @property
    def message(self) -> str:
        attributes, by = ", ".join(self.attributes), ", ".join(self.by)
        return f"{by} still needs {attributes}, which only {self.promotion} counts: define it for the program, or deactivate that first."


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionEnded(Problem):
    """The last day of a promotion has passed."""

    code = "PROMOTION_ENDED"
    promotion: str
    ends_on: date

    @property
    def message(self) -> str:
        return f"{self.promotion} ended on {self.ends_on}: nobody can join it any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEnrollment(Problem):
    """A promotion that is for everybody."""

    code = "NO_ENROLLMENT"
    promotion: str

    @property
    def message(self) -> str:
        return f"{self.promotion} is for every member: nobody needs to join it."


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeTypeFixed(Problem):
    """The type of an attribute stays what it was when the attribute was defined: values of it are stored."""

    code = "ATTRIBUTE_TYPE_FIXED"
    attribute: str
    type: AttributeType

    @property
    def message(self) -> str:
        return f"{self.attribute} is defined as {self.type.value} and stays so: define another attribute for the other type."
