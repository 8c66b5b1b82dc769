"""asyncpg (own protocol code, binary formats, named statements): run as `asyncpg_client.py SCENARIO`, connection from libpq's environment."""
import asyncio
import io

import asyncpg

from report import TYPES, choose, report


async def types(connection):
    for name, literal in TYPES:
        value, null = await connection.fetchrow(f"select {literal}::{name}, null::{name}")
        report(name, [value.hex() if isinstance(value, bytes) else str(value), null])


async def prepared(connection):
    statement = await connection.prepare("select $1::int * 2")
    for i in range(5):
        report("row", await statement.fetchval(i))


async def pipeline(connection):
    await connection.execute("create temp table t(a int primary key)")
    await connection.executemany("insert into t values ($1)", [(i,) for i in range(200)])
    report("rows", await connection.fetchval("select count(*) from t"))
    try:
        await connection.executemany("insert into t values ($1)", [(1000,), (1,), (1001,)])
    except asyncpg.PostgresError as failure:
        report("sqlstate", failure.sqlstate)
    report("after failure", await connection.fetchval("select count(*) from t"))


async def transaction(connection):
    await connection.execute("create temp table t(a int)")
    try:
        async with connection.transaction():
            await connection.execute("insert into t values (1)")
            raise KeyError
    except KeyError:
        report("after rollback", await connection.fetchval("select count(*) from t"))


async def copy(connection):
    await connection.execute("create temp table t(a int, b text)")
    await connection.copy_records_to_table("t", records=[(i, f"line {i}") for i in range(1000)])
    out = io.BytesIO()
    await connection.copy_from_table("t", output=out, format="csv")
    report("lines", len(out.getvalue().splitlines()))


async def error(connection):
    try:
        await connection.fetch("select * from no_such_table where a = $1", 1)
    except asyncpg.PostgresError as failure:
        report("sqlstate", failure.sqlstate)
    report("next command", await connection.fetchval("select 1"))


async def notice(connection):
    connection.add_log_listener(lambda _, message: report("notice", message.message))
    await connection.execute("do $$ begin raise notice 'seen'; end $$")
    await asyncio.sleep(0)


async def cancel(connection):
    try:
        await connection.fetchval("select pg_sleep(30)", timeout=0.3)
    except asyncio.TimeoutError:
        report("sqlstate", "57014")
    report("next command", await connection.fetchval("select 1"))


async def cursor(connection):
    async with connection.transaction():
        total = 0
        async for row in connection.cursor("select * from generate_series(1, 105)", prefetch=10):
            total += row[0]
        report("sum", total)


async def big(connection):
    rows = await connection.fetch("select i, repeat('x', 100) t from generate_series(1, 100000) i")
    report("bytes", sum(len(row["t"]) for row in rows))


async def main(run):
    connection = await asyncpg.connect()
    await run(connection)
    await connection.close()


asyncio.run(main(choose({f.__name__: f for f in (types, prepared, pipeline, transaction, copy, error, notice, cancel, cursor, big)})))
