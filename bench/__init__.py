"""Benchmarks: what the engine reaches, printed as one JSON object per line."""
