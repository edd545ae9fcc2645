"""Counts by residents' window cameras (Telraam)."""
