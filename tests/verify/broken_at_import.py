"""A module that is there and cannot be imported, as a library of another build would be."""

raise OSError("libnothing.so.1: cannot open shared object file")
