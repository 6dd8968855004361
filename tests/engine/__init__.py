"""The engine, called as its callers call it: a chunk in, outcomes out."""
