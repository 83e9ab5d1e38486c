"""A synthetic province: institutions, people, the services they got, and faults whose every trace is written down."""
