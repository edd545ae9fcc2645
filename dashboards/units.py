"""Units as readers know them. The catalogue names them in German or by their symbol."""

from __future__ import annotations

SYMBOLS = {
    "%": "%", "°C": "°C", "µg/m³": "µg/m³", "m²": "m²", "km": "km", "m": "m", "cm": "cm",
    "mm": "mm", "kW": "kW", "kWh": "kWh", "MWh": "MWh", "kWh/m²": "kWh/m²", "m³": "m³",
    "kg": "kg", "t": "t", "kg CO2e": "kg CO₂e", "t CO2e": "t CO₂e",
    "EUR": "€", "dB": "dB", "Index": "", "kWh/kWh": "kWh/kWh", "kWh/h": "kWh/h", "m³/h": "m³/h",
    "kg CO₂e/m²": "kg CO₂e/m²", "t CO₂e": "t CO₂e",
}  # fmt: skip
GERMAN = {
    "Anzahl": ("", ""),
    "h": ("Stunden", "hours"),
    "min": ("Minuten", "minutes"),
    "d": ("Tage", "days"),
    "s": ("Sekunden", "seconds"),
    "Mio. EUR": ("Mio. €", "€ million"),
    "Index (Basisjahr = 100)": ("(Basisjahr = 100)", "(base year = 100)"),
    "Index 0–1": ("(0 bis 1)", "(0 to 1)"),
    "Monate": ("Monate", "months"),
    "Note": ("(Note)", "(grade)"),
    "Note 1–5": ("(Note 1 bis 5)", "(grade 1 to 5)"),
    "Noten": ("Noten", "grades"),
    "Punkte": ("Punkte", "points"),
    "Sterne": ("Sterne", "stars"),
    "Tage": ("Tage", "days"),
    "je 1.000": ("je 1.000", "per 1,000"),
    "je 100.000": ("je 100.000", "per 100,000"),
    "kWh/Bett": ("kWh/Bett", "kWh/bed"),
}


DATASETS = ("Datensätze", "datasets")
EVENTS = ("Ereignisse", "events")
DAYS = ("Tage", "days")
PROCESSES = ("Verfahren", "processes")
PEOPLE = ("Personen", "people")
COUNTED = {  # what a count counts
    "HF2.1a": DATASETS, "M1.1a": DATASETS, "M1.1c": DATASETS,
    "M1.3a": ("Downloads", "downloads"), "M1.3b": ("Besuche", "visits"),
    "HF3.1b": ("Meilensteine", "milestones"),
    "M5.1a": EVENTS, "M5.1b": EVENTS, "M5.1c": EVENTS, "M5.4": PEOPLE,
    "M5.5d": ("Stunden", "hours"), "M5.5e": DAYS, "M5.7a": DAYS, "M5.7b": DAYS,
    "M6.1a": PROCESSES, "M6.1b": PROCESSES, "M9.4": PEOPLE,
}  # fmt: skip


def unit_text(unit: str, lang: str, code: str = "") -> str:
    """The unit in the reader's language; a symbol stays as it is, a count says what it counts."""
    column = int(lang == "en")
    if unit == "Anzahl" and code in COUNTED:
        return COUNTED[code][column]
    if unit in GERMAN:
        return GERMAN[unit][column]
    return SYMBOLS.get(unit, unit)
