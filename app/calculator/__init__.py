"""The calculator: geometry on the left, price on the right, an independent service."""
