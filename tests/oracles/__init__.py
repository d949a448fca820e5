"""Slow second ways to work out an answer, to compare the product with."""
