"""Erasure of members."""
