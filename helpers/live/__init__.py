"""Live panels: their controls, their picture and their front end."""
