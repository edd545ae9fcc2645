"""Reports of citizens on damage in public space (Open311 GeoReport v2)."""
