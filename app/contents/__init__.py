"""Stored bytes: each content once, whoever has it."""
