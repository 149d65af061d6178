"""Claims, verdicts and the report: what the suite decides, and how it says so."""
