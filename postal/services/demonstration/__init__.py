"""A post and its authorities at work with people who do not exist: for trying the product and for measuring it."""
