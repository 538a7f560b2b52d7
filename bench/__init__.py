"""Speed, measured side by side with a baseline in the same run and told as a ratio. Not a test."""
