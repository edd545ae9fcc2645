"""Hourly radar rain of the DWD, aggregated to the statistical districts of Dresden."""
