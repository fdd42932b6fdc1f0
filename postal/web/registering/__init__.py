"""The registration form while it is filled in: what a step looks up, what the page shows, what is saved in the end."""
