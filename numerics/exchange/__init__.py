"""What examples of either stage are worth in each other, and budgets for them: public names.

`splits` divides budgets; `rates` has errors and rates of exchange.
"""

from numerics.exchange.rates import ExchangeRates, NoiseConvention, exchange_rates
from numerics.exchange.splits import Split, cheapest_split, least_cost

__all__ = [
    "ExchangeRates",
    "NoiseConvention",
    "Split",
    "cheapest_split",
    "exchange_rates",
    "least_cost",
]
