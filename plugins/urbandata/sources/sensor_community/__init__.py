"""Fine dust readings of citizens from the archive of sensor.community."""
