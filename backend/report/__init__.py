"""The design dossier: every number with its unit, its origin and the computation behind it."""
