"""What moves: live panels, their picture and their front end."""
