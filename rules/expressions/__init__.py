"""Expressions in the language of ZEN, compiled once into closures over the frame.

`compile_expression` refuses what is not ZEN, what does not exist, and what could meet a wrong type, each with its position.
"""

from rules.expressions.compiled import Expression, compile_cell, compile_expression
from rules.expressions.kinds import Kind

__all__ = ["Expression", "Kind", "compile_cell", "compile_expression"]
