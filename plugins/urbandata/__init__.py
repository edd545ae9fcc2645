"""The urban data platform: from a city's sources to the numbers it decides by.

Data flows one way: fetch, raw zone, parse, door check, bronze, load, dbt, publish.
"""
