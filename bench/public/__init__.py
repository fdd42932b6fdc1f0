"""Public routing problems: where they are, their best known values, and other solvers beside ours."""
