"""Delivery routes: an order of stops, its times, and why. A library of its own: it knows nothing of the post."""
