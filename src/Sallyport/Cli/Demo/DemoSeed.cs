namespace Sallyport.Cli.Demo;

/// <summary>The shop: 200 customers and 600 orders, the same every time. No name, card or number belongs to anybody.</summary>
internal static class DemoSeed
{
    /// <summary>Card numbers begin with 400000 and pass the Luhn check; 9xx numbers are never issued as SSN.</summary>
    public const string Sql = """
        set role sallyport;
        create function pg_temp.with_check_digit(digits text) returns text language sql immutable as $$
          select digits || ((10 - sum(case when i % 2 = 1 then d * 2 - 9 * (d > 4)::int else d end) % 10) % 10)::text
          from (select i, substr(digits, i, 1)::int as d from generate_series(1, length(digits)) i) each_digit
        $$;
        create table customers (
          id int primary key,
          name text not null,
          email text not null unique,
          card_number text not null,
          ssn text not null,
          city text not null,
          created_at timestamptz not null
        );
        create table orders (
          id int primary key,
          customer_id int not null references customers,
          item text not null,
          quantity int not null,
          total numeric(10, 2) not null,
          status text not null,
          ordered_at timestamptz not null
        );
        insert into customers
        select n, first || ' ' || last, lower(first) || '.' || lower(last) || n || '@example.com',
          pg_temp.with_check_digit('400000' || lpad(((n * 7919) % 1000000000)::text, 9, '0')),
          format('9%s-%s-%s', lpad((n % 100)::text, 2, '0'), lpad((n * 37 % 100)::text, 2, '0'), lpad((n * 7919 % 10000)::text, 4, '0')),
          (array['Lisbon', 'Oslo', 'Kraków', 'Lyon', 'Graz', 'Turku'])[1 + n % 6],
          timestamptz '2026-01-01 08:00+00' + n * interval '31 hours'
        from generate_series(1, 200) n,
          lateral (select (array['Ada', 'Bruno', 'Chloe', 'Dario', 'Edda', 'Farid', 'Greta', 'Hugo'])[1 + n % 8] as first,
            (array['Moreau', 'Nowak', 'Olsen', 'Pereira', 'Quist', 'Rossi', 'Silva'])[1 + n % 7] as last) names;
        insert into orders
        select n, 1 + (n * 13) % 200, (array['kettle', 'lamp', 'desk', 'chair', 'shelf'])[1 + n % 5], 1 + n % 4,
          round((9.5 + (n * 37 % 400))::numeric * (1 + n % 4), 2), (array['paid', 'shipped', 'returned', 'open'])[1 + n % 4],
          timestamptz '2026-03-01 09:00+00' + n * interval '7 hours'
        from generate_series(1, 600) n;
        """;
}
