"""The second prover: engines that prove again what SymPy proved, each by itself.

`goals` notes what is proved, `again` proves it again: identities by `polynomials`, inequalities by
`semialgebraic` (z3) and `transcendental` (Arb). `constants` decides signs of constants, which SymPy
may give wrongly; `guard` corrects them at their source. SymPy's expressions are read as data; none
of its simplification is used.
"""

from verify.provers import guard

guard.install()
