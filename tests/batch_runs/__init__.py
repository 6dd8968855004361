"""Tests of the batch engine's runs: begun, shared, stopped, gone on with, watched."""
