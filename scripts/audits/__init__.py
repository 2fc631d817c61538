"""What ``scripts/audit.py`` does once the packages are there."""
