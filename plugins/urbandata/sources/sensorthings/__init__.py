"""Rain and water level from the city's own sensors (OGC SensorThings)."""
