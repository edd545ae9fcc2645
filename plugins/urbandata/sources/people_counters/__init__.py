"""People counters over LoRaWAN: uplinks from the storage of The Things Stack."""
