"""Water levels and discharge of the Elbe from the federal waterways administration."""
