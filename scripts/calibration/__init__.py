"""Fitting figures of the catalogue to real times."""
