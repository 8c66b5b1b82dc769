"""psycopg2 (libpq, simple query protocol): run as `psycopg2_client.py SCENARIO`, connection from libpq's environment."""
import io
import threading
import time

import psycopg2

from report import TYPES, choose, report


def types(connection):
    cursor = connection.cursor()
    for name, literal in TYPES:
        cursor.execute(f"select {literal}::{name}, null::{name}")
        value, null = cursor.fetchone()
        report(name, [bytes(value).hex() if isinstance(value, memoryview) else str(value), null])


def prepared(connection):
    cursor = connection.cursor()
    cursor.execute("prepare twice(int) as select $1 * 2")
    for i in range(5):
        cursor.execute("execute twice(%s)", (i,))
        report("row", cursor.fetchone()[0])


def transaction(connection):
    cursor = connection.cursor()
    cursor.execute("create temp table t(a int)")
    connection.commit()
    cursor.execute("insert into t values (1)")
    connection.rollback()
    cursor.execute("select count(*) from t")
    report("after rollback", cursor.fetchone()[0])
    cursor.execute("insert into t values (2)")
    connection.commit()
    cursor.execute("select count(*) from t")
    report("after commit", cursor.fetchone()[0])


def copy(connection):
    cursor = connection.cursor()
    cursor.execute("create temp table t(a int, b text)")
    cursor.copy_expert("copy t from stdin", io.StringIO("".join(f"{i}\tline {i}\n" for i in range(1000))))
    out = io.StringIO()
    cursor.copy_expert("copy t to stdout with csv", out)
    report("lines", len(out.getvalue().splitlines()))


def error(connection):
    connection.autocommit = True
    cursor = connection.cursor()
    try:
        cursor.execute("select * from no_such_table")
    except psycopg2.Error as failure:
        report("sqlstate", failure.pgcode)
    cursor.execute("select 1")
    report("next command", cursor.fetchone()[0])


def notice(connection):
    connection.cursor().execute("do $$ begin raise notice 'seen'; end $$")
    report("notice", connection.notices[-1].strip())


def cancel(connection):
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    cursor = connection.cursor()
    try:
        cursor.execute("select pg_sleep(30)")
    except psycopg2.Error as failure:
        report("sqlstate", failure.pgcode)
    connection.rollback()
    cursor.execute("select 1")
    report("next command", cursor.fetchone()[0])


def cursor(connection):
    named = connection.cursor("walk")
    named.itersize = 10
    named.execute("select * from generate_series(1, 105)")
    report("sum", sum(row[0] for row in named))


def big(connection):
    cursor = connection.cursor()
    started = time.monotonic()
    cursor.execute("select i, repeat('x', 100) from generate_series(1, 100000) i")
    report("bytes", sum(len(row[1]) for row in cursor))
    report("took", round(time.monotonic() - started, 3))


run = choose({f.__name__: f for f in (types, prepared, transaction, copy, error, notice, cancel, cursor, big)})
connection = psycopg2.connect("")
run(connection)
connection.close()
