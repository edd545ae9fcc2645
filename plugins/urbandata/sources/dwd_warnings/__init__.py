"""Official weather warnings of the Deutscher Wetterdienst (CAP 1.2)."""
