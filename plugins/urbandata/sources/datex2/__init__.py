"""Traffic counts, car parks and situations as DATEX II (v2 and v3)."""
