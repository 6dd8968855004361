"""Tests of imports: files and their lines, what is recorded of them, and the commands."""
