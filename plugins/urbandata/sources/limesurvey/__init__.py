"""Kiosk and online surveys of the city in LimeSurvey, as counts."""
