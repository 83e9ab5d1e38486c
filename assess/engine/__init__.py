"""From a ruleset and typed tables to measurements, counts and evidence."""
