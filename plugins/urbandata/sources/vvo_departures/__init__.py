"""Departures of trams and buses (VVO WebAPI) and the register of stops."""
