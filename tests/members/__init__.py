"""Members through all layers, and the ledger as it is read."""
