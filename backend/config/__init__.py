"""Settings of the product: validated, and working with none set."""
