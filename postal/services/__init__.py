"""Writes: one function per activity, one transaction per function."""
