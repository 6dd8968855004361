"""Tests of the workers: real brokers, a real database, and what is on the schedule."""
