"""Descriptions that many types and inputs share, so that the same thing is said in the same words."""

CODE = "Its name in inputs, files and rules; it never changes."
NAME = "For people."
CREATED_AT = "When it was made."
VERSION = "Counts every change; give it as `expectedVersion` of an edit."
EXPECTED_VERSION = "The version you have read; if it is no longer current, nothing is changed."
REFUSED = "Null if it was refused."
ON_REVERSAL = (
    "What becomes of its changes when the transaction that made them is taken back. Not given: a number is undone, "
    "anything else restored."
)
