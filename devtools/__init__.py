"""What `./dev` does, one job a file, with nothing but Python's standard library."""
