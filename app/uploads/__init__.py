"""Uploads that may break off and go on: the tus protocol, version 1.0.0 (tus.io)."""
