"""Heat sensors (KLIPS) and other layers of the city from its OGC API Features."""
