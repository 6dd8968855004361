"""Bringing in whole files: a chunk of lines is one commit, bad lines are reported, and the same file again adds nothing."""

from domain.services.imports.feeds import import_start
from domain.services.imports.members import members_import
from domain.services.imports.transactions import transactions_import

__all__ = ["import_start", "members_import", "transactions_import"]
