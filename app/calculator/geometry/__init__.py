"""Shapes and their plain measures: nothing here knows a file format or a price."""
