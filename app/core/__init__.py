"""Technique without a business noun."""
