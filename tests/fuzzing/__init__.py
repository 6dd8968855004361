"""What a stranger's generator makes of the whole schema, sent to a real server.

    python -m tests.fuzzing --examples 200          every operation so often, with another seed each time

The test of this folder does the same for a bounded number of examples, always the same ones.
"""
