"""From a verified model to what a workshop needs: bill of materials and its cost range."""
