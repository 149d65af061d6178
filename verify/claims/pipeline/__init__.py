"""Claims on both stages from data: what imperfect pretraining leaves, and what it costs."""
