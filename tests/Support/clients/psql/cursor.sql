\set FETCH_COUNT 10
select * from generate_series(1, 105);
