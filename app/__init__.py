"""Millwright: from a dropped STEP or STL part to a priced order."""
