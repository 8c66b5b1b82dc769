using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Tests.Sql.Lineage;

/// <summary>A database as the catalogue tells of it, with ssn, email and score of customers masked, and lineage as one line of text.</summary>
internal static class LineageRig
{
    private static readonly (string Name, char Kind, string Columns)[] Tables =
    [
        ("customers", 'r', "id name email ssn score city"), ("orders", 'r', "id customer_id item amount"), ("employees", 'r', "id name ssn"),
        ("contacts", 'v', "id name code"), ("again", 'v', "tag id"), ("cities", 'v', "city n"), ("kept", 'm', "id low"), ("b", 'r', "x ssn"),
    ];

    private static readonly string[] Sensitive = ["ssn", "email", "score"];

    public static readonly Catalogue.Catalogue Database = new(
        [
            .. Tables.Select(static (t, i) => new CatalogueRelation((uint)i + 1, "public", t.Name, t.Kind)),
            new CatalogueRelation(90, "pg_catalog", "pg_class", 'r'), new CatalogueRelation(91, "other", "employees", 'r'),
        ],
        [],
        [
            .. Tables.SelectMany(static (t, i) => t.Columns.Split(' ').Select((c, at) => new CatalogueColumn((uint)i + 1, (short)(at + 1), c))),
            new CatalogueColumn(91, 1, "ssn"),
        ],
        [new(4, 1, false), new(5, 4, false), new(6, 1, false), new(7, 1, false)],
        null)
    {
        Definitions = new Dictionary<uint, string>
        {
            [4] = "SELECT customers.id, customers.name, customers.ssn AS code FROM public.customers",
            [5] = "SELECT contacts.code AS tag, contacts.id FROM public.contacts",
            [6] = "SELECT customers.city, count(*) AS n FROM public.customers WHERE customers.ssn ~~ '9%'::text GROUP BY customers.city",
            [7] = "SELECT customers.id, lower(customers.email) AS low FROM public.customers",
        },
    };

    public static MaskGuard Guard(SqlReader sql, PredicateUse predicates = PredicateUse.Allow, bool refusesDerived = false)
    {
        var columns = Sensitive.Select(c =>
            new ColumnMask("public", "customers", c, new Mask(MaskKind.Last4), "pii") { Predicates = predicates, RefusesDerived = refusesDerived });
        return new MaskGuard(new MaskSet([.. columns], Detectors.None, Mask.Redact), Database, sql);
    }

    /// <summary>Why a guard refuses the text; null when it does not.</summary>
    public static string? WhyNot(SqlReader sql, string text, PredicateUse predicates = PredicateUse.Allow, bool refusesDerived = false) =>
        Guard(sql, predicates, refusesDerived).Inspect(sql.Read(Encoding.UTF8.GetBytes(text)), out var reason) == MaskTouch.Refused ? reason : null;

    /// <summary><c>ssn</c> as it is, <c>~ssn</c> made of it, <c>?</c> cannot be told, <c>-</c> clean; <c>…</c> behind columns that cannot be counted.</summary>
    public static string Outputs(SqlReader sql, string text)
    {
        var statement = sql.Read(Encoding.UTF8.GetBytes(text)).Statements[0];
        var query = (statement.Query ?? statement.Body!.Statements[0].Query)!;
        var rows = new LineageResolver(Guard(sql).Relations).Resolve(query);
        var columns = rows.Columns.Select(static c => Word(c.Origin));
        return string.Join(' ', rows.IsComplete ? columns : [.. columns, Word(rows.Rest) + "…"]);
    }

    private static string Word(Origin origin) =>
        (origin.IsUnknown ? "?" : "") + (origin.Masked is { } masked ? (origin.IsPlain ? "" : "~") + masked.Name.Split('.')[^1] : origin.IsUnknown ? "" : "-");
}
