using Sallyport.Core;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>What a statement does through functions that it calls, by name or otherwise.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class FollowedCodeTests : IClassFixture<CodeDatabase>
{
    private const string Wiped = "read select; write delete victims no-where";

    private readonly SqlReaderFixture _sql;
    private readonly CodeDatabase _code;

    public FollowedCodeTests(SqlReaderFixture sql, CodeDatabase code) => (_sql, _code) = (sql, code);

    [Theory]
    [InlineData("select wiped()", Wiped)]
    [InlineData("select public.wiped()", Wiped)]
    [InlineData("select outer_wipe()", Wiped)]
    [InlineData("select atomic_wipe()", "read select; write delete public.victims no-where")]
    [InlineData("select btrim(1)", Wiped)]
    [InlineData("select btrim('x')", Wiped)]
    [InlineData("select (1).btrim", Wiped)]
    [InlineData("with x as (select wiped() as w) select w from x", "read select; write delete victims no-where")]
    [InlineData("explain select wiped()", "read explain; write delete victims no-where")]
    [InlineData("declare c cursor for select wiped()", "session declare_cursor; read select; write delete victims no-where")]
    [InlineData("prepare p as select wiped()", "session prepare; write delete victims no-where")]
    [InlineData("select loop_a(1)", "read select; write delete victims where")]
    [InlineData("select total()", "opaque call_function function:total; read select")]
    [InlineData("select total(1, 2, 3)", "read select; read select payroll")]
    [InlineData("select total(variadic array[1])", "read select; read select payroll")]
    [InlineData("select owned()", "read select; read select other.payroll(who)")]
    [InlineData("select * from dropping", "read select dropping; drop drop_table victims")]
    [InlineData("select reads_view()", "read select; read select dropping; drop drop_table victims")]
    [InlineData("call clean(1, null)", "write delete notes where")]
    [InlineData("select 'a'::text + 1", Wiped)]
    [InlineData("select 1::boxed", Wiped)]
    [InlineData("select boxed(1)", "opaque call_function function:boxed; read select; write delete victims no-where")]
    [InlineData("select b::int from boxes", "read select boxes(b); write insert notes")]
    [InlineData("select 'x'::good", Wiped)]
    [InlineData("select wipe_all(id) from notes", "read select notes(id); write delete victims no-where")]
    [InlineData("select ^^^ 1::oid", "drop lo_unlink function:pg_catalog.lo_unlink; read select")]
    [InlineData("alter function wiped() rename to slug", "alter alter_function_rename function:wiped; write delete victims no-where")]
    public void Threat16And17_WhatFunctionsDoCounts(string text, string effects) => Assert.Equal(effects, _code.Done(_sql, text));

    [Theory]
    [InlineData("select slugify(val) from victims", "read select victims(val)")]
    [InlineData("select public.slugify('x')", "read select")]
    [InlineData("select rtrim(1), rtrim('x')", "read select")]
    [InlineData("select plus(1)", "read select")]
    [InlineData("select kind_of(1)", "read select")]
    [InlineData("select spare(1), spare(1, 2)", "read select")]
    [InlineData("select add_all(id) from notes", "read select notes(id)")]
    [InlineData("select 1 @+@ 2", "read select")]
    [InlineData("select trust.me('x'), trust.builds('y')", "read select")]
    [InlineData("select crypt('a', 'b'), public.crypt('a', 'b')", "read select")]
    [InlineData("select 'x'::mail", "read select")]
    [InlineData("select steadied.id from steadied", "read select steadied(id)")]
    [InlineData("select btrim('x', 'y'), pg_catalog.btrim('x')", "read select")]
    public void WhatOnlyComputesDoesNothingElse(string text, string effects) => Assert.Equal(effects, _code.Done(_sql, text));

    [Theory]
    [InlineData("select pl(1)")]
    [InlineData("select steady(1)")]
    [InlineData("select kind_of(1, 2)")]
    [InlineData("select ### 1")]
    [InlineData("call rough()")]
    [InlineData("select sets()")]
    [InlineData("select odd()")]
    [InlineData("select broken()")]
    [InlineData("select long()")]
    [InlineData("select gen_salt('bf')")]
    [InlineData("select ('bf'::text).gen_salt")]
    [InlineData("select nobody_knows(1)")]
    [InlineData("select slugify('a', 'b')")]
    [InlineData("select pg_temp.slugify('a')")]
    [InlineData("select other.slugify('a')")]
    [InlineData("call nobody_knows()")]
    [InlineData("do 'begin end'")]
    [InlineData("alter function pl(int) rename to slug")]
    [InlineData("alter function pl set schema trust")]
    [InlineData("alter schema public rename to elsewhere")]
    [InlineData("select renames()")]
    [InlineData("select renames(), slugify('x')")]
    [InlineData("select renames(); select slugify('x')")]
    [InlineData("select names_twice()")]
    [InlineData("create or replace function slugify(text) returns text language sql as 'select $1'; select slugify('x')")]
    public void Threat17_WhatCannotBeReadIsOpaque(string text) => Assert.True(_code.Of(_sql, text).Facts.IsOpaque);

    [Theory]
    [InlineData("select slugify('x')", "read call_function function:public.slugify")]
    [InlineData("select trust.me('x')", "read call_function function:trust.me")]
    [InlineData("select rtrim(1)", "read call_function function:public.rtrim")]
    [InlineData("select lower('x')", "")]
    public void ARuleThatDeniesOrHoldsStillMeetsTheFunction(string text, string behind) => Assert.Equal(behind, _code.Behind(_sql, text));

    [Fact]
    public void ADetailTellsWhereAndWithWhoseRights()
    {
        var effects = _code.Of(_sql, "select owned(), pl(1)").Facts.Effects;

        Assert.Contains(effects, static e => e.Kind == EffectKind.Read && e.Detail == "in public.owned (SECURITY DEFINER)");
        Assert.Contains(effects, static e => e.Kind == EffectKind.Opaque && e.Detail == "function public.pl is in LANGUAGE plpgsql, in public.pl");
    }

    [Theory]
    [InlineData("select slugify('x')", true)]
    [InlineData("select 1 @+@ 2", true)]
    [InlineData("select rtrim(1)", true)]
    [InlineData("select trust.me('x')", false)]
    [InlineData("select lower('x')", false)]
    public void Threat33_WhereMasksAreInForceOnlyWhatIsTrustedIsNotOpaque(string text, bool isOpaque) =>
        Assert.Equal(isOpaque, _code.Of(_sql, text).Masked.IsOpaque);

    [Theory]
    [InlineData("select slugify('x')", true)]
    [InlineData("select trust.me('x')", true)]
    [InlineData("select lower('x')", false)]
    public void Threat19_WhileTheSessionsOwnChangesAreNotCommittedNoCodeIsRead(string text, bool isOpaque) =>
        Assert.Equal(isOpaque, _code.Of(_sql, text).Unsettled.IsOpaque);
}
