"""Every public function and command-line option under drawn arguments, at depth (`nox -s fuzz`).

What is drawn covers all of float64 (subnormal, huge, signed zeros, NaN, infinities), other types
that a caller may pass by mistake, shapes that do not fit, damaged files and random words on a
command line. Each call must return a result that keeps its contract, or raise the documented error
with a message that names the requirement; no other exception, no warning and no traceback is
allowed.
"""
