"""What is proved: the claims about trained networks, their experiments and their runs."""
