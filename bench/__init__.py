"""Benchmarks: our server beside peers."""
