"""The ruleset language: models, YAML with line marks, cross references."""
