"""Measurements, each run by `python -m benchmarks.NAME`. Never part of the tests."""
