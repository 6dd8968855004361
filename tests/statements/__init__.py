"""Statements of members: what a period began with, what came and went, and what it ended with."""
