"""Who did what: a log that is only added to, sealed into a chain of digests."""
