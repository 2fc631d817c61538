"""Facts about parts, measured once per content."""
