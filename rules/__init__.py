"""Point rules: plug-in hooks, the expression compiler and the built-in rules, one module each.

`compile_program` turns a program's definition into what the engine runs; nothing here knows a clock, a database or a network.
"""

from rules.checks import check_base_rules, check_promotion, rule_kinds
from rules.definition import Definition
from rules.program import compile_program

__all__ = ["Definition", "check_base_rules", "check_promotion", "compile_program", "rule_kinds"]
