"""What tests of the store write into it and read from it past the store."""

import sqlite3

ROW = '{"value":1}'


def raw(path, *statements):
    """Execute statements past the store."""
    connection = sqlite3.connect(path)
    try:
        found = [connection.execute(statement).fetchall() for statement in statements]
        connection.commit()
    finally:
        connection.close()
    return found[-1]
