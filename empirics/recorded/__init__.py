"""Measurements that cost too much to repeat each time; each file says how it was made."""
