"""Pictures of a part, drawn by arithmetic alone: no display, no graphics library, nothing kept open."""
