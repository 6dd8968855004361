"""Promotions: drafted, changed, activated, joined and shown."""
