"""The load of the benchmark of reads: one question asked again and again, from a process of its own.

Run as `python -m bench.reads_load PORT TOKEN SECONDS CONNECTIONS RATE - KIND NUMBERS…`; KIND is a key of `QUESTIONS`.
"""

import random
from typing import Any

from bench.realtime_load import Load, main

TRANSACTION = """id type subType status subStatus transactionDate createdAt money { amount currency } quantity
    basePoints totals { pointType points } version"""
QUESTIONS = {
    "member": f"""query($number: String!) {{ member(reference: {{number: $number}}, program: "BENCH") {{
        id number name status email enrolledOn balances {{ pointType available held pending earned redeemed expired }}
        transactions(first: 20) {{ edges {{ cursor node {{ {TRANSACTION} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}""",
    "page": f"""{{ transactions(filter: {{program: "BENCH"}}, first: 100) {{
        edges {{ cursor node {{ {TRANSACTION} member {{ number name }} product {{ code }} }} }}
        pageInfo {{ hasNextPage endCursor }} }} }}""",
}
"""A member with balances and twenty transactions; a page of a hundred transactions."""


def question(kind: str, number: str) -> dict[str, Any]:
    """What is asked."""
    return {"query": QUESTIONS[kind], "variables": {"number": number} if kind == "member" else {}}


class Reads(Load):
    """The first of the numbers is the kind of question."""

    def asked(self) -> dict[str, object]:
        kind, *numbers = self.numbers
        return question(kind, random.choice(numbers))

    def is_good(self, body: bytes) -> bool:
        return b'"edges":[{' in body and b'"errors"' not in body


if __name__ == "__main__":
    main(Reads)
