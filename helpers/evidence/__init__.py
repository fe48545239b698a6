"""The lessons' claims about trained networks, their experiments and their runs."""
