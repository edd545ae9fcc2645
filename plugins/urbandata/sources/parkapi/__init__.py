"""Car parks: ParkAPI v1 and v3, static GeoJSON, the city's parking page, forecasts."""
