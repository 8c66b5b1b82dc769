"""psycopg 3 (libpq, extended protocol, pipelines): run as `psycopg3_client.py SCENARIO`, connection from libpq's environment."""
import threading

import psycopg

from report import TYPES, choose, report


def types(connection):
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        for name, literal in TYPES:
            cursor.execute(f"select {literal}::{name}, null::{name}")
            value, null = cursor.fetchone()
            report(f"{name} {'binary' if binary else 'text'}", [value.hex() if isinstance(value, bytes) else str(value), null])


def prepared(connection):
    for i in range(5):
        report("row", connection.execute("select %s::int * 2", (i,), prepare=True).fetchone()[0])
    report("kept", connection.execute("select count(*) from pg_prepared_statements").fetchone()[0])


def pipeline(connection):
    connection.execute("create temp table t(a int primary key)")
    connection.commit()
    with connection.pipeline():
        cursors = [connection.execute("insert into t values (%s) returning a", (i,)) for i in range(20)]
        report("sum", sum(c.fetchone()[0] for c in cursors))
    try:
        with connection.pipeline():
            connection.execute("insert into t values (100)")
            connection.execute("insert into t values (1)")
            connection.execute("insert into t values (101)")
    except psycopg.Error as failure:
        report("sqlstate", failure.sqlstate)
    connection.rollback()
    report("after failure", connection.execute("select 1").fetchone()[0])


def transaction(connection):
    connection.execute("create temp table t(a int)")
    connection.commit()
    with connection.transaction():
        connection.execute("insert into t values (1)")
        try:
            with connection.transaction():
                connection.execute("insert into t values (2)")
                raise psycopg.Rollback()
        except psycopg.Rollback:
            pass
    report("after savepoint", connection.execute("select count(*) from t").fetchone()[0])


def copy(connection):
    cursor = connection.cursor()
    cursor.execute("create temp table t(a int, b text)")
    with cursor.copy("copy t from stdin (format binary)") as into:
        into.set_types(["int4", "text"])
        for i in range(1000):
            into.write_row((i, f"line {i}"))
    with cursor.copy("copy t to stdout") as out:
        report("lines", sum(1 for _ in out.rows()))


def error(connection):
    connection.autocommit = True
    try:
        connection.execute("select * from no_such_table where a = %s", (1,))
    except psycopg.Error as failure:
        report("sqlstate", failure.sqlstate)
    report("next command", connection.execute("select 1").fetchone()[0])


def notice(connection):
    connection.add_notice_handler(lambda diagnostic: report("notice", diagnostic.message_primary))
    connection.execute("do $$ begin raise notice 'seen'; end $$")


def cancel(connection):
    threading.Timer(0.3, connection.cancel).start()
    try:
        connection.execute("select pg_sleep(30)")
    except psycopg.Error as failure:
        report("sqlstate", failure.sqlstate)
    connection.rollback()
    report("next command", connection.execute("select 1").fetchone()[0])


def cursor(connection):
    with connection.cursor("walk") as named:
        named.itersize = 10
        named.execute("select * from generate_series(1, 105)")
        report("sum", sum(row[0] for row in named))


def big(connection):
    cursor = connection.cursor()
    rows = cursor.stream("select i, repeat('x', 100) from generate_series(1, 100000) i")
    report("bytes", sum(len(row[1]) for row in rows))


run = choose({f.__name__: f for f in (types, prepared, pipeline, transaction, copy, error, notice, cancel, cursor, big)})
with psycopg.connect("") as connection:
    run(connection)
