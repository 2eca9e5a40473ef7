"""The program in a real pseudo-terminal: hostile text, and manners."""
