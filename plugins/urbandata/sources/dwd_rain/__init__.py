"""Rain and daily weather of the DWD stations in Dresden, from the CDC file server."""
