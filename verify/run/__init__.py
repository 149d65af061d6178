"""From claims to a record: the runner, its workers, and what they leave."""
