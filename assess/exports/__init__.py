"""A ruleset in the words of other tools: SQL for databases, schemas of pandera."""
