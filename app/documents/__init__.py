"""Drawings, specifications, pictures and whatever else belongs to an order."""
