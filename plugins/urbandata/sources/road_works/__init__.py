"""Road works and other restrictions of traffic, current and announced (the city's OGC API)."""
