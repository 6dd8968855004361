"""Households and accounts."""
