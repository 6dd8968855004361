"""Transfers between members."""
