"""Money: Decimal only, rounded once, every total the sum of its lines."""
