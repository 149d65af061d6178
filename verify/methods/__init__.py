"""Ways to decide, whatever the topic: proof, enclosure, comparison of numbers, interval."""
