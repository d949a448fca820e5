"""Engines for logs too big for one loop: they add up whole tokens per set of rates; the tally makes money of them."""
