"""Benchmarks of the server and its peers."""
