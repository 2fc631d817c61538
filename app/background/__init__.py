"""Looking after background work: what is queued, what was given up, trying again, dropping."""
