"""People, what they are bound to, and who reports to whom."""
