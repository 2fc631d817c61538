"""The catalogue as customers see it."""
