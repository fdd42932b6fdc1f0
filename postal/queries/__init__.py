"""Reads: questions to the database that are answered with frozen page values."""
