"""HTML pages, one module per thing."""
