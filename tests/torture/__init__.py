"""Torture: clients ask, retry and count while everything that serves them is killed, restarted and cut off at random moments.

    python -m tests.torture --seconds 60 --seed 7      or: make torture SECONDS=60 SEED=7

At the end every request that was accepted took effect exactly once, every other one not at all, and `verify` is clean. What is
asked, cut and killed, and in which order, follows from the seed; only how far each of them has got by then is up to the machine.
"""
