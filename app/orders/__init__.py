"""Orders and the price each was placed at."""
