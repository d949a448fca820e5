"""Usage logs: files of many formats read into requests, each line accounted for."""
