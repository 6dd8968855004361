"""The whole ledger under any sequence of events: what must always be true stays true."""
