"""What ``scripts/storage.py`` is made of."""
