"""Bicycle counters: monthly CSV files per site as Eco-Counter systems export them."""
