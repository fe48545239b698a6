"""What the reader answers: predictions, exercises and quizzes. The core does not know this room."""
