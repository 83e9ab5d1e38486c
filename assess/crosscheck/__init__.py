"""The second opinion: rules in the words of another engine, its counts beside ours, and its suites for others."""
