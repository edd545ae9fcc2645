"""Units as readers know them. The catalogue names them in German or by their symbol."""

from __future__ import annotations

SYMBOLS = {
    "%": "%", "°C": "°C", "µg/m³": "µg/m³", "m²": "m²", "km": "km", "m": "m", "cm": "cm",
    "mm": "mm", "kW": "kW", "kWh": "kWh", "MWh": "MWh", "kWh/m²": "kWh/m²", "m³": "m³",
    "kg": "kg", "t": "t", "kg CO2e": "kg CO₂e", "t CO2e": "t CO₂e", "min": "min", "h": "h",
    "EUR": "€", "Mio. EUR": "Mio. €", "dB": "dB",
}  # fmt: skip
GERMAN = {
    "Anzahl": ("", ""),
    "h": ("Stunden", "hours"),
    "min": ("Minuten", "minutes"),
    "d": ("Tage", "days"),
    "s": ("Sekunden", "seconds"),
    "Mio. EUR": ("Mio. €", "m €"),
}


def unit_text(unit: str, lang: str) -> str:
    """The unit in the reader's language; a symbol stays as it is."""
    if unit in GERMAN:
        return GERMAN[unit][lang == "en"]
    return SYMBOLS.get(unit, unit)
