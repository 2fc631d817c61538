"""Trying a version of the catalogue on past orders before prices go by it."""
