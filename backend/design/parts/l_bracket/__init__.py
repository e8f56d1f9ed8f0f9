"""The L-bracket family."""
