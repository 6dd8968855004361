"""Transactions through their services, on a real database: every move, who may make it, races, previews and lists."""
