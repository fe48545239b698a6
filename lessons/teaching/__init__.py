"""What a teacher prints and hands out: `make pack`."""
