"""The pages of those who answer for how long things take."""
