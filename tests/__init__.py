"""Tests, mirroring the tree: flat functions that read as sentences, against a real PostgreSQL."""
