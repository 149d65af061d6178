"""Claims on pretraining from data, followed by fine-tuning: beyond what the paper assumes."""
