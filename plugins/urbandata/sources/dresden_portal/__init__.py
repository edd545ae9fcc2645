"""Datasets listed by the open-data portal of Dresden."""
