"""The engine: one pure function over a chunk of transactions and frozen snapshots of everything they touch.

It has no clock, no database and no surprise, so that real time, batch, simulation and backtest can never differ.
"""

from domain.engine.book import MoreLots
from domain.engine.chunk import MoreNumbers
from domain.engine.decision import Decision
from domain.engine.loans import Earned
from domain.engine.originals import OriginalState
from domain.engine.outcome import Extension, NewLot, NewUse, Outcome, Outcomes, TierChange
from domain.engine.program import EngineProgram
from domain.engine.run import consider, refuse_all, run
from domain.engine.snapshot import (
    BalanceState,
    Entry,
    HoldState,
    LoanState,
    LotState,
    MemberState,
    PartnerState,
    Price,
    ProductState,
)
from domain.engine.stake import stake_of

__all__ = [
    "BalanceState",
    "Decision",
    "Earned",
    "EngineProgram",
    "Entry",
    "Extension",
    "HoldState",
    "LoanState",
    "LotState",
    "MemberState",
    "MoreLots",
    "MoreNumbers",
    "NewLot",
    "NewUse",
    "OriginalState",
    "Outcome",
    "Outcomes",
    "PartnerState",
    "Price",
    "ProductState",
    "TierChange",
    "consider",
    "refuse_all",
    "run",
    "stake_of",
]
