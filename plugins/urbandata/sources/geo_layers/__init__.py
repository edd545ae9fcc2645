"""Layers of geodata: OGC API Features, GeoJSON and shapefiles."""
