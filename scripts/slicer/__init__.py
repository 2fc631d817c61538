"""Hours of printing from filament, ours and those of a slicer."""
