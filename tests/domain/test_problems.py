"""What messages call the place of what is wrong."""

import pytest

from domain.problems import Invalid, Missing


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ((), "value"),
        (("input", "points"), "points"),
        (("input", "settings", "refundReasons", "1"), "refundReasons[1]"),
        (("input", "ranges", "0", "price"), "price"),
        (("7",), "7"),
    ],
)
def test_a_message_names_the_field_and_of_a_list_the_index(path: tuple[str, ...], called: str) -> None:
    assert Invalid(value="x", expected="y", path=path).message == f"{called} is 'x'; expected y."
    assert Missing(why="z", path=path).message == f"{called} is missing: z."
