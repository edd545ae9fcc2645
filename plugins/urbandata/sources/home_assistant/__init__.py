"""Measured values from flats, inverters and heat meters: Home Assistant and Tasmota."""
