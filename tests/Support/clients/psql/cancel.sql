set statement_timeout = '300ms';
\set VERBOSITY verbose
select pg_sleep(30);
select 1;
