"""Bookings of sports facilities as iCalendar feeds (RFC 5545)."""
