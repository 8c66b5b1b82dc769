\set VERBOSITY verbose
select * from no_such_table;
select 1;
