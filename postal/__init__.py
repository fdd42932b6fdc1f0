"""Postal dossier tracker: who holds each envelope, by when, and why."""
