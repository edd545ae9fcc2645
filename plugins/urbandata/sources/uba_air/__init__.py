"""Hourly air quality of the Dresden stations from the Umweltbundesamt."""
