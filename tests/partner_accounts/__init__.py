"""Tests of partner accounts: fees, adjustments, bills, statements."""
