"""What the sources share: bytes to records, records to typed tables, and records without people."""
