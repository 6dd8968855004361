"""Simulations: what would happen, found by the real engine on what is really stored. Nothing is written.

One transaction (`transaction_simulate`), a file of them, or those that were processed already, under the rules of now or of drafts.
Files have a door of their own (`files`), so that what can be wrong with a file is no part of the API.
"""

from domain.services.simulations.processed import processed_simulate
from domain.services.simulations.transactions import transaction_simulate

__all__ = ["processed_simulate", "transaction_simulate"]
