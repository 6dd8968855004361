"""Refusals of the engine are stored with their decisions, and read again when a request comes a second time."""

from collections.abc import Iterator

from domain.engine.rejections import REJECTIONS, Rejection


def kinds(kind: type[Rejection]) -> Iterator[type[Rejection]]:
    """All kinds of refusals there are."""
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


def test_every_refusal_can_be_read_again() -> None:
    assert {each.code for each in kinds(Rejection) if hasattr(each, "code")} == set(REJECTIONS)
