"""How a scalar refuses a value: what it got, cut to a readable length, and what would be right."""

from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode


def refusal(scalar: str, value: object, expected: str) -> GraphQLError:
    shown = value.value if isinstance(value, IntValueNode | FloatValueNode | StringValueNode) else value
    text = type(shown).__name__ if isinstance(shown, ValueNode | dict | list) else repr(shown)
    return GraphQLError(f"{scalar} cannot be {text[:60]}: expected {expected}.")
