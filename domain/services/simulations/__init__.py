"""Simulations: what would happen, found by the real engine on what is really stored. Nothing is written.

One transaction (`transaction_simulate`), a file of them, or those that were processed already, under the rules of now or of drafts.
"""

from domain.services.simulations.files import file_simulate
from domain.services.simulations.processed import processed_simulate
from domain.services.simulations.transactions import transaction_simulate

__all__ = ["file_simulate", "processed_simulate", "transaction_simulate"]
