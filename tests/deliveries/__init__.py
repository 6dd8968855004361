"""Tests of what is told: the outbox, emails and webhooks."""
