"""The pages of registrars, supervisors and administrators. In English, the civil service's language."""
