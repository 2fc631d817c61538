"""What ``scripts/jobs.py`` does once the packages are there."""
