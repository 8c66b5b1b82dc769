"""What every Python client shares: one JSON line per observation, and the choice of scenario."""
import json
import sys

TYPES = [
    ("bool", "true"), ("int2", "'-2'"), ("int4", "2147483647"), ("int8", "'-9223372036854775808'"),
    ("float4", "1.5"), ("float8", "'-2.25'"), ("numeric", "12345.6789"), ("text", "'naïve ☃'"),
    ("varchar", "'v'"), ("bytea", "'\\x00ff10'"), ("date", "'2026-11-22'"), ("timestamp", "'2026-11-22 10:20:30.5'"),
    ("timestamptz", "'2026-11-22 10:20:30+00'"), ("time", "'10:20:30'"), ("interval", "'1 day 2 hours'"),
    ("uuid", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'"), ("json", "'{\"a\": 1}'"), ("jsonb", "'{\"a\": [1, null]}'"),
    ("inet", "'10.0.0.1'"), ("int4[]", "'{1,2,NULL}'"), ("text[]", "'{a,\"b c\"}'"), ("int4range", "'[1,5)'"),
]


def report(check, value):
    print(json.dumps({"check": check, "value": value}, default=str), flush=True)


def choose(scenarios):
    name = sys.argv[1]
    if name not in scenarios:
        print("no scenario " + name, file=sys.stderr)
        sys.exit(64)
    return scenarios[name]
