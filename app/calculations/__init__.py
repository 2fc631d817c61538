"""Prices: a part and choices in, a price that proves itself out."""
