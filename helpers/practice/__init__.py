"""What the reader answers: predictions, exercises and quizzes; the core does not know this room."""
