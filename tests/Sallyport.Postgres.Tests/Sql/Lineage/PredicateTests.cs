using Sallyport.Core;

namespace Sallyport.Postgres.Tests.Sql.Lineage;

/// <summary>What masked columns may decide, under each word of <c>predicates</c> (threat 32).</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class PredicateTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("select name from customers where ssn = '912-45-6781'")]
    [InlineData("select name from customers where '912' = ssn and city <> 'x'")]
    [InlineData("select name from customers where ssn in ('1', '2') or ssn = any($1)")]
    [InlineData("select name from customers where lower(email) = lower($1)")]
    [InlineData("select name from customers where email::text = 'x'")]
    [InlineData("select name from customers where ssn is distinct from 'x'")]
    [InlineData("select name from customers where ssn in (select ssn from public.employees)")]
    [InlineData("select item from orders where customer_id in (select id from customers where ssn = $1)")]
    [InlineData("select c.name from customers c join public.employees e on e.ssn = c.ssn")]
    [InlineData("select c.name from customers c join public.employees e using (ssn)")]
    [InlineData("select city, count(*) from customers group by city, ssn")]
    [InlineData("select count(*) from customers group by 1, ssn having count(*) > 1")]
    [InlineData("select distinct on (email) name from customers")]
    [InlineData("select case ssn when '1' then 2 end from customers")]
    [InlineData("update customers set city = 'x' where ssn = '1'")]
    [InlineData("merge into orders o using customers c on c.ssn = o.item when matched then delete")]
    public void Threat32_EqualityPassesWhereItIsAllowed(string text)
    {
        Assert.Null(LineageRig.WhyNot(sql.Reader, text, PredicateUse.Equality));
        Assert.Contains("predicates: deny", LineageRig.WhyNot(sql.Reader, text, PredicateUse.Deny), StringComparison.Ordinal);
        Assert.Null(LineageRig.WhyNot(sql.Reader, text, PredicateUse.Allow));
    }

    [Theory]
    [InlineData("select name from customers where ssn like '9%'")]
    [InlineData("select name from customers where ssn > '5'")]
    [InlineData("select name from customers where ssn between '1' and '2'")]
    [InlineData("select name from customers where substr(ssn, 1, 1) = '9'")]
    [InlineData("select name from customers where ssn::varchar(1) = '9'")]
    [InlineData("select name from customers where ssn::int = 9")]
    [InlineData("select name from customers where not (ssn ~ '^9')")]
    [InlineData("select name from customers where (city = 'x' or ssn like '9%') and id = 1")]
    [InlineData("select name from customers where '5' < any (select ssn from customers)")]
    [InlineData("select name from customers where (select ssn from customers c where c.id = 1) > '5'")]
    [InlineData("select name from customers where exists (select from customers d where d.ssn > customers.ssn)")]
    [InlineData("select name from customers where strpos(ssn, '9') = 1")]
    [InlineData("select name from customers order by ssn")]
    [InlineData("select name, ssn from customers order by 2")]
    [InlineData("select name, ssn as s from customers order by s")]
    [InlineData("select * from customers order by 4")]
    [InlineData("select name from customers union select ssn from customers order by 1")]
    [InlineData("select name from customers union select ssn from customers order by name")]
    [InlineData("select count(*) from customers group by substr(ssn, 1, 1)")]
    [InlineData("select max(name) from customers having max(ssn) > '5'")]
    [InlineData("select name from customers c join orders o on o.item < c.ssn")]
    [InlineData("select a from (select ssn a, id from customers) x where a like '9%'")]
    [InlineData("with x as (select ssn a from customers) select 1 from x where a like '9%'")]
    [InlineData("with recursive r(s) as (select ssn from customers union all select s from r) search depth first by s set o select 1 from r where o > row('5')")]
    [InlineData("select id from contacts where code like '9%'")]
    [InlineData("select tag is null from again order by tag")]
    [InlineData("select rank() over (order by ssn) from customers")]
    [InlineData("select string_agg(name, ',' order by ssn) from customers")]
    [InlineData("select 1 / case when ssn like '9%' then 0 else 1 end from customers")]
    [InlineData("select case when ssn > '5' then name end from customers")]
    [InlineData("select name from customers limit (select score from customers limit 1)")]
    [InlineData("select 1 from customers c, generate_series(1, c.score)")]
    [InlineData("select generate_series(1, score) from customers")]
    [InlineData("update customers set city = 'x' where ssn > '5'")]
    [InlineData("update orders set item = 'x' from customers c where c.ssn like '9%'")]
    [InlineData("delete from orders where customer_id = (select id from customers where ssn like '9%')")]
    [InlineData("insert into customers (id) values (1) on conflict (id) do update set city = 'x' where customers.ssn > '5'")]
    [InlineData("merge into orders o using customers c on c.id = o.id when matched and c.ssn > '5' then delete")]
    [InlineData("explain select name from customers where ssn > '5'")]
    [InlineData("prepare p as select name from customers where ssn > $1")]
    [InlineData("declare c cursor for select name from customers where ssn > '5'")]
    [InlineData("select name from customers c where nope(c) > '5'")]
    public void Threat32_AnythingElseIsRefused(string text)
    {
        Assert.NotNull(LineageRig.WhyNot(sql.Reader, text, PredicateUse.Equality));
        Assert.NotNull(LineageRig.WhyNot(sql.Reader, text, PredicateUse.Deny));
    }

    [Theory]
    [InlineData("select ssn from customers where id = 1 order by name")]
    [InlineData("select name from customers where ssn is not null")]
    [InlineData("select ssn, name from customers order by 2")]
    [InlineData("select upper(name) as email from customers order by email")]
    [InlineData("select lower(city) from customers order by lower")]
    [InlineData("select city, count(*) from customers group by 1 order by 2 desc")]
    [InlineData("select id from contacts where name like 'A%'")]
    [InlineData("select n from cities order by n")]
    [InlineData("select count(ssn) from customers having count(ssn) > 1")]
    [InlineData("select name from customers where exists (select ssn from public.employees e where e.id = customers.id)")]
    [InlineData("select name from customers c join orders o on o.customer_id = c.id and o.amount > 5")]
    [InlineData("select j.item from (customers c join orders o on o.customer_id = c.id and o.amount > 5) j")]
    [InlineData("select ssn from public.employees where ssn like '9%' order by ssn")]
    [InlineData("select rank() over (order by id) from customers")]
    [InlineData("insert into customers (id, ssn) values (1, '9') on conflict (id) do update set city = 'x' where customers.id > 5")]
    public void WhatNoMaskedColumnDecidesPasses(string text) => Assert.Null(LineageRig.WhyNot(sql.Reader, text, PredicateUse.Deny));

    [Theory]
    [InlineData("select upper(ssn) from customers")]
    [InlineData("select c from customers c")]
    [InlineData("select ssn from customers union select name from customers")]
    public void ADerivedOutputIsRefusedWhereThePolicySaysSo(string text)
    {
        Assert.Contains("only as it is", LineageRig.WhyNot(sql.Reader, text, refusesDerived: true), StringComparison.Ordinal);
        Assert.Null(LineageRig.WhyNot(sql.Reader, text));
        Assert.Null(LineageRig.WhyNot(sql.Reader, "select ssn, upper(name) from customers", refusesDerived: true));
    }

    [Theory]
    [InlineData("insert into orders (item) select ssn from customers", "it would copy public.customers.ssn to orders.item, where it is not masked")]
    [InlineData("insert into orders select id, id, ssn from customers", "it would copy public.customers.ssn to orders.item, where it is not masked")]
    [InlineData("insert into customers (id, name) select id, ssn from customers", "it would copy public.customers.ssn to customers.name, where it is not masked")]
    [InlineData("insert into customers (id, email) select id, ssn from customers", "it would copy public.customers.ssn to customers.email, where it is not masked")]
    [InlineData("insert into unknown_table select ssn from customers", "it would copy public.customers.ssn to unknown_table, where it is not masked")]
    [InlineData("update customers set name = upper(ssn)", "it would copy public.customers.ssn to customers.name, where it is not masked")]
    [InlineData("update customers set (city, name) = (select ssn, 'x' from customers limit 1)", "it would copy public.customers.ssn to customers.city, where it is not masked")]
    [InlineData("update orders set item = c::text from customers c", "it would copy public.customers.email to orders.item, where it is not masked")]
    [InlineData("with w as (update orders set item = code from contacts returning 1) select 1", "it would copy public.customers.ssn to orders.item, where it is not masked")]
    [InlineData("insert into customers (id) values (1) on conflict (id) do update set city = customers.ssn", "it would copy public.customers.ssn to customers.city, where it is not masked")]
    [InlineData("insert into customers (id) values (1) on conflict (id) do update set city = excluded.ssn", "it would copy public.customers.ssn to customers.city, where it is not masked")]
    [InlineData("merge into orders o using customers c on c.id = o.id when not matched then insert values (c.id, 1, c.ssn)", "it would copy public.customers.ssn to orders, where it is not masked")]
    [InlineData("merge into orders o using customers c on c.id = o.id when not matched then insert (id, item) values (c.id, c.ssn)", "it would copy public.customers.ssn to orders.item, where it is not masked")]
    [InlineData("explain analyze update orders set item = ssn from customers", "it would copy public.customers.ssn to orders.item, where it is not masked")]
    [InlineData("prepare p as insert into orders (item) select ssn from customers", "it would copy public.customers.ssn to orders.item, where it is not masked")]
    [InlineData("create table t as select ssn from customers", "it would put values of masked columns where they are not masked")]
    [InlineData("select name, ssn into t from customers", "it would put values of masked columns where they are not masked")]
    [InlineData("select name into t from customers union select ssn from customers", "it would put values of masked columns where they are not masked")]
    [InlineData("create view v as select upper(ssn) from customers", "it would put values of masked columns where they are not masked")]
    [InlineData("create materialized view v as table again", "it would put values of masked columns where they are not masked")]
    public void Threat31_AValueDoesNotGoWhereItIsNotMasked(string text, string reason) => Assert.Equal(reason, LineageRig.WhyNot(sql.Reader, text));

    [Theory]
    [InlineData("insert into orders (item) select name from customers")]
    [InlineData("insert into customers (id, ssn, email) values (1, '9', 'x') on conflict (id) do update set ssn = excluded.ssn, email = lower(customers.email)")]
    [InlineData("update customers set email = lower(email), ssn = '9', city = upper(name) where id = 1")]
    [InlineData("insert into customers select * from customers where id = 1")]
    [InlineData("create table t as select id, name from customers where ssn is not null")]
    [InlineData("create view v as select name, count(ssn) from customers group by name")]
    [InlineData("select id into t from contacts")]
    [InlineData("comment on table customers is 'x'")]
    public void WhatIsNotMaskedMayBeCopied(string text) => Assert.Null(LineageRig.WhyNot(sql.Reader, text));

    /// <summary>Nesting that doubles the work at each level ends in a refusal, and soon.</summary>
    [Fact]
    public void Threat14_AQueryThatGrowsWithoutEndIsRefused()
    {
        var text = "select s from (select ssn as s from customers) x";
        for (var i = 0; i < 40; i++)
            text = $"select s from ({text}) x{i} order by (select s from ({(i < 6 ? text : "select '' as s")}) y limit 1)";
        var nested = string.Concat(Enumerable.Repeat("with recursive r(n) as (", 12)) + "select 1" + string.Concat(Enumerable.Repeat(" union all select n from r) select n from r", 12));

        Assert.NotNull(LineageRig.WhyNot(sql.Reader, text, PredicateUse.Deny));
        _ = LineageRig.WhyNot(sql.Reader, nested + ", customers");
    }
}
