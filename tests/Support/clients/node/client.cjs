// node-pg: run as `node client.cjs SCENARIO` with NODE_PATH set; connection from libpq's environment.
const fs = require('fs');
const { Client } = require('pg');
const QueryStream = require('pg-query-stream');

const report = (check, value) => console.log(JSON.stringify({ check, value }));
const TYPES = [
  ['bool', 'true'], ['int4', '2147483647'], ['int8', "'-9223372036854775808'"], ['float8', "'-2.25'"], ['numeric', '12345.6789'],
  ['text', "'naïve ☃'"], ['bytea', "'\\x00ff10'"], ['date', "'2026-11-22'"], ['timestamptz', "'2026-11-22 10:20:30+00'"],
  ['uuid', "'6f9619ff-8b86-d011-b42d-00c04fc964ff'"], ['jsonb', '\'{"a": [1, null]}\''], ['int4[]', "'{1,2,NULL}'"],
];

const scenarios = {
  async types(client) {
    for (const [name, literal] of TYPES) {
      const row = (await client.query({ text: `select ${literal}::${name}, null::${name}`, rowMode: 'array' })).rows[0];
      report(name, row);
    }
  },
  async prepared(client) {
    for (let i = 0; i < 5; i++) {
      report('row', (await client.query({ name: 'twice', text: 'select $1::int * 2 as v', values: [i] })).rows[0].v);
    }
  },
  async transaction(client) {
    await client.query('create temp table t(a int)');
    await client.query('begin');
    await client.query('insert into t values (1)');
    await client.query('rollback');
    report('after rollback', Number((await client.query('select count(*) as n from t')).rows[0].n));
  },
  async error(client) {
    await client.query('select * from no_such_table where a = $1', [1]).catch((e) => report('sqlstate', e.code));
    report('next command', (await client.query('select 1 as v')).rows[0].v);
  },
  async notice(client) {
    client.on('notice', (n) => report('notice', n.message));
    await client.query("do $$ begin raise notice 'seen'; end $$");
  },
  async cancel(client) {
    const other = new Client();
    const running = client.query('select pg_sleep(30)').catch((e) => report('sqlstate', e.code));
    setTimeout(() => other.cancel(client, client.activeQuery), 300);
    await running;
    report('next command', (await client.query('select 1 as v')).rows[0].v);
  },
  async cursor(client) {
    let sum = 0;
    const stream = client.query(new QueryStream('select i from generate_series(1, 105) i', [], { batchSize: 10 }));
    for await (const row of stream) sum += row.i;
    report('sum', sum);
  },
  async big(client) {
    const rows = (await client.query("select i, repeat('x', 100) as t from generate_series(1, 100000) i")).rows;
    report('bytes', rows.reduce((n, row) => n + row.t.length, 0));
  },
};

// node-pg reads neither PGSSLROOTCERT nor the word verify-full into options of its own accord.
function tls() {
  if (!process.env.PGSSLMODE || process.env.PGSSLMODE === 'disable') return false;
  return process.env.PGSSLROOTCERT ? { ca: fs.readFileSync(process.env.PGSSLROOTCERT, 'utf8') } : { rejectUnauthorized: false };
}

async function main() {
  const run = scenarios[process.argv[2]];
  if (!run) process.exit(64);
  const client = new Client({ ssl: tls() });
  await client.connect();
  await run(client);
  await client.end();
}

main().catch((e) => { console.error(e); process.exit(1); });
