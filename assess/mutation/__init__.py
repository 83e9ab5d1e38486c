"""Mutation testing of rules: change each a little, and see whether its examples notice."""
