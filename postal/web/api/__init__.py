"""The JSON interface, one module per thing."""
