"""Whether the links of the open-data catalogues work."""
