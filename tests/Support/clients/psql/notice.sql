do $$ begin raise notice 'seen'; end $$;
