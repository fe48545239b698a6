"""Pictures: marks, still figures with words computed from their data, and networks drawn."""
