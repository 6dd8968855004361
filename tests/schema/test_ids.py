"""Global ids: made and taken apart, and what is not one of ours."""

import base64

import pytest

from domain.problems import NotFound, Refused
from resolvers.ids import key, keys
from schema.ids import seal, unseal


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_key_of_64_bits_survives() -> None:
    assert unseal(seal("Member", 2**63 - 1)) == ("Member", 2**63 - 1)


def test_a_key_of_several_parts_survives() -> None:
    assert unseal(seal("Lot", 2**62, 7, 1)) == ("Lot", (2**62, 7, 1))


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "!!!",
        "Member:1",
        encoded("Member"),
        encoded("Member:"),
        encoded(":1"),
        encoded("Member:x"),
        encoded("Member:-1"),
        encoded("Member:+1"),
        encoded("Member:1.0"),
        encoded("Member: 1"),
        encoded("Member:²"),
        encoded("Member:٣"),
        encoded(f"Member:{2**63}"),
        encoded("Member:" + "9" * 30),
        encoded("Member:1/"),
        encoded("Member:1/2/3/4/5"),
        "A" * 100_000,
        "é",
    ],
)
def test_what_we_did_not_make_names_nothing(id_: str) -> None:
    assert unseal(id_) is None


def test_a_key_is_taken_from_an_id_of_its_type() -> None:
    assert key(seal("Member", 5), "Member", "input", "member") == 5
    assert keys(seal("Lot", 1, 2, 3), "Lot", "id") == (1, 2, 3)


@pytest.mark.parametrize("id_", ["rubbish", seal("Partner", 5), seal("PointType", 5, 6)])
def test_an_id_of_another_type_is_refused_like_one_that_does_not_exist(id_: str) -> None:
    with pytest.raises(Refused) as refused:
        key(id_, "PointType", "input", "pointType")
    assert refused.value.problems == (NotFound(what="point type", key=id_, path=("input", "pointType")),)


def test_a_single_key_is_no_key_of_several_parts() -> None:
    with pytest.raises(Refused):
        keys(seal("Lot", 5), "Lot", "id")
