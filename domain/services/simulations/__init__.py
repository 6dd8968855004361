"""Simulations: what would happen, found by the real engine on what is really stored. Nothing is written.

One transaction (`transaction_simulate`), a file of them, or those that were processed already, under the rules of now or of drafts.
"""

from domain.services.simulations.transactions import transaction_simulate

__all__ = ["transaction_simulate"]
