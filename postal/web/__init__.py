"""The web: pages for people, an API for programs. It translates and decides nothing."""
