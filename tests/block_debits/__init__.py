"""Blocks pay for what partners give."""
