"""Every public function and command-line option under drawn arguments, at depth (`nox -s fuzz`).

What is drawn covers all of float64 (subnormal, huge, signed zeros, NaN, infinities), other types
that a caller may pass by mistake, shapes that do not fit, damaged files and random words on a
command line. What is demanded: a result that keeps its promises, or an error of the documented
kind that says what it wants; never another exception, a warning, or a traceback.
"""
