"""Decisions made again under the program versions that they name."""
