"""Seals, checkpoints, and what verification finds."""
