"""Faults on real processes: whatever is killed, cut off or restarted, every transaction is processed exactly once.

A chunk is caught at a known point by a lock that the test holds; nothing in the product knows of it. What takes long
is run by hand: MILEPOST_TEST_BY_HAND=1.
"""
