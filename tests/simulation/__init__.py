"""Simulations: equal to the real thing, and nothing of them stays."""
