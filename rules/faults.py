"""Why a rule could not be evaluated: raised inside a rule, named with promotion and rule by whoever runs it.

A fault knows the reason only; `RuleError` adds the place.
"""


class Fault(Exception):
    """Arithmetic on an empty value, a wrong type, a division by zero, nonsense from a plug-in."""
