"""Suites of ``scripts/chaos.py``, one a file: each breaks something on purpose and counts what it cost."""
