"""Joins and answers of the Cleema app from database exports agreed with the operator."""
