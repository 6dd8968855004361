"""Tests of subscriptions: what comes, to whom, across processes, and what happens to those who are slow."""
