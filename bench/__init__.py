"""Measurements, beside another server."""
