"""What loyalty means: states and moves, lots, tiers, blocks and the engine, pure of any input or output."""
