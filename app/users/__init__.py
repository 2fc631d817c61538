"""Profiles of people and firms, and how one signs up."""
