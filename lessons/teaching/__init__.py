"""Handouts for teachers to print: `make pack`."""
