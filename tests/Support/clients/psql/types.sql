select 'bool', true, null::bool;
select 'int8', '-9223372036854775808'::int8, null::int8;
select 'numeric', 12345.6789::numeric;
select 'bytea', '\x00ff10'::bytea;
select 'timestamptz', '2026-11-22 10:20:30+00'::timestamptz at time zone 'UTC';
select 'jsonb', '{"a": [1, null]}'::jsonb;
select 'array', '{1,2,NULL}'::int4[];
