"""Electricity market data (SMARD): prices, load and generation."""
