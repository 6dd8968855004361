"""Tests of loans, of the maximum that a member may owe, and of their repayment."""
