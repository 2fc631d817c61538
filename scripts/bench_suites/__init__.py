"""What ``scripts/bench.py`` measures: one suite a file, each with a function ``run(options) -> Report``."""
