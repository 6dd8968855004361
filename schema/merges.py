"""Merging members."""

import strawberry

import domain.merges as d
from schema.base import answers, direct, offers, takes
from schema.entries import PREVIEW
from schema.member_references import MemberReference
from schema.members import Member
from schema.payloads import Keyed, ReplayablePayload
from schema.transactions import PointTotal

offers(d.MergeAttributes)

PROGRAM = "The code of the program; ids need none, nor do those who are bound to one."


@takes
class MemberMergeInput(Keyed):
    """A member who is the same as another is merged into that one, for ever."""

    program: str | None = strawberry.field(default=None, description=PROGRAM)
    member: MemberReference = strawberry.field(description="Who is merged and becomes MERGED.")
    into: MemberReference = strawberry.field(description="Who stays, and has everything of both.")
    reason: str = strawberry.field(description="Why, for the record.")
    attributes: d.MergeAttributes = strawberry.field(
        default=d.MergeAttributes.FILL, description="What becomes of the profile and attributes of who is merged."
    )
    preview: bool = strawberry.field(default=False, description=PREVIEW)


def _member(receipt: d.MergeReceipt, _info: object) -> object:
    return None if receipt.result is None else receipt.result.member


def _merged(receipt: d.MergeReceipt, _info: object) -> object:
    return None if receipt.result is None else receipt.result.merged


def _moved(receipt: d.MergeReceipt, _info: object) -> list[object]:
    return [] if receipt.result is None else list(receipt.result.moved)


def _preview(receipt: d.MergeReceipt, _info: object) -> bool:
    return receipt.result is not None and receipt.result.preview


@answers
class MemberMergePayload(ReplayablePayload):
    """Both members, and what moved."""

    preview: bool = direct(_preview, "Whether it only shows what would happen: nothing was written.")
    member: Member | None = direct(_member, "Who stays; null if it was refused.")
    merged: Member | None = direct(_merged, "Who was merged; null if it was refused.")
    moved: list[PointTotal] = direct(_moved, "The points that moved, per kind; they keep their expiry.")
