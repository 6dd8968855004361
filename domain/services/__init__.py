"""Use cases: one function per command, joining domain, rules and store in one unit of work."""
