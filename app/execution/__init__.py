"""Executing documents that were seen before: compiled once into objects that fill the answer in, instead of read anew each time.

The answer is to the letter that of graphql-core, errors and nulls included; what is not compiled (`compiling.py` says what)
is left to it.
"""

from app.execution.compiling import Compiled, compiled

__all__ = ["Compiled", "compiled"]
