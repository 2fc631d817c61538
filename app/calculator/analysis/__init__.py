"""Pure functions from a part to figures and findings."""
