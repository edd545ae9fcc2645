"""Metadata catalogues that speak OGC CSW 2.0.2."""
