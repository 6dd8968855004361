"""Holds: points kept for a checkout, captured, let go, run out."""
