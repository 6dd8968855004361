"""Tests of the inbox of approvals."""
