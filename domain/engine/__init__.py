"""The engine: one pure function over a chunk of transactions and frozen snapshots of everything they touch.

It has no clock, no database and no surprise, so that real time, batch, simulation and backtest can never differ.
"""

from domain.engine.book import MoreLots
from domain.engine.decision import Decision
from domain.engine.outcome import Extension, NewLot, NewUse, Outcome, Outcomes, TierChange
from domain.engine.program import EngineProgram
from domain.engine.run import refuse_all, run
from domain.engine.snapshot import BalanceState, Entry, LotState, MemberState, PartnerState, Price, ProductState
from domain.engine.stake import stake_of

__all__ = [
    "BalanceState",
    "Decision",
    "EngineProgram",
    "Entry",
    "Extension",
    "LotState",
    "MemberState",
    "MoreLots",
    "NewLot",
    "NewUse",
    "Outcome",
    "Outcomes",
    "PartnerState",
    "Price",
    "ProductState",
    "TierChange",
    "refuse_all",
    "run",
    "stake_of",
]
