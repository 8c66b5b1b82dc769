using System.Collections.Immutable;
using System.Globalization;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// Reads <see cref="OwnCode"/> over a connection of the gateway's own. Bodies come again only when their rows of pg_proc changed,
/// so what is hashed of a function is the version of its row.
/// </summary>
internal static class CodeReader
{
    /// <summary>Null when the upstream would not answer, or answered what cannot be understood.</summary>
    public static async ValueTask<OwnCode?> ReadAsync(CatalogueQueries connection, OwnCode previous, CancellationToken cancellationToken)
    {
        if (await ReadFunctionsAsync(connection, previous, cancellationToken) is not { } functions ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.Uses, 7, cancellationToken) is not { } uses ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.Attached, 6, cancellationToken) is not { } attached ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.Rules, 4, cancellationToken) is not { } rules ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.ForeignKeys, 7, cancellationToken) is not { } keys)
            return null;
        var versions = rules.ToDictionary(static r => Number(r[0]), static r => r[1]!);
        var texts = await PrintedTexts.ReadAsync(connection, CodeQueries.RuleTexts, versions, previous.RuleTexts, cancellationToken);
        return new OwnCode
        {
            Functions = functions.All,
            Printed = functions.Printed,
            RuleTexts = texts,
            Uses = uses.Select(static r => new CodeUse((CodeUser)r[0]![0], r[1]!, r[2] == "1", Reference(r, 3))),
            Attached = attached.Select(static r => new AttachedCode(Number(r[0]), (RelationEvents)Number(r[1]), Reference(r, 2))),
            Rules = rules.Select(r => new RelationRule(Number(r[2]), (RelationEvents)Number(r[3]), texts.Find(Number(r[0])) ?? "")),
            ForeignKeys = keys.GroupBy(static r => r[0]).Select(Key),
        };
    }

    private static async ValueTask<(List<CatalogueFunction> All, PrintedTexts Printed)?> ReadFunctionsAsync(
        CatalogueQueries connection, OwnCode previous, CancellationToken cancellationToken)
    {
        if (await CatalogueReader.RowsAsync(connection, CodeQueries.Functions, 5, cancellationToken) is not { } rows)
            return null;
        var functions = new List<CatalogueFunction>(rows.Count);
        var changed = new List<CatalogueFunction>();
        foreach (var row in rows)
        {
            var named = new CatalogueFunction(Number(row[0]), row[2]!, row[3]!) { Version = row[1]!, IsExtension = row[4] == "1" };
            if (previous.Find(named.Oid) is { } known && known.Version == named.Version)
                functions.Add(known.Called(named));
            else
                changed.Add(named);
        }
        if (changed.Count > 0)
        {
            var query = CodeQueries.Definitions([.. changed.Select(static f => f.Oid)]);
            if (await CatalogueReader.UncountedRowsAsync(connection, query, 9, cancellationToken) is not { } definitions)
                return null;
            var byOid = definitions.ToDictionary(static d => Number(d[0]));
            // One that is not there any more was dropped meanwhile.
            functions.AddRange(changed.Where(f => byOid.ContainsKey(f.Oid)).Select(f => Define(f, byOid[f.Oid])));
        }
        // What a body that is a tree names may have another name now.
        var trees = functions.Where(static f => f.IsPrinted).ToDictionary(static f => f.Oid, static f => f.Version);
        var printed = await PrintedTexts.ReadAsync(connection, CodeQueries.Printed, trees, previous.Printed, cancellationToken);
        return ([.. functions.Select(f => f.IsPrinted ? f.WithBody(Statements(printed.Find(f.Oid))) : f)], printed);
    }

    private static CatalogueFunction Define(CatalogueFunction function, string?[] row)
    {
        var most = int.Parse(row[3]!, CultureInfo.InvariantCulture);
        return function with
        {
            IsAggregate = row[1] == "a",
            MinArguments = int.Parse(row[2]!, CultureInfo.InvariantCulture),
            MaxArguments = most < 0 ? int.MaxValue : most,
            TakesArguments = most != 0,
            Language = row[4]!,
            IsSecurityDefiner = row[5] == "1",
            Settings = row[6]!.Length == 0 ? [] : [.. row[6]!.Split('\n')],
            IsPrinted = row[7] == "1",
            Body = row[4] != CatalogueFunction.Sql || row[8]!.Length == 0 ? null : row[8],
        };
    }

    /// <summary>The statements in a body that is a tree: BEGIN ATOMIC … END or RETURN ….</summary>
    private static string? Statements(string? printed)
    {
        const string begin = "BEGIN ATOMIC\n", end = "\nEND", returns = "RETURN ";
        if (printed is null)
            return null;
        if (printed.StartsWith(begin, StringComparison.Ordinal) && printed.EndsWith(end, StringComparison.Ordinal) &&
            printed.Length >= begin.Length + end.Length)
            return printed[begin.Length..^end.Length];
        return printed.StartsWith(returns, StringComparison.Ordinal) ? "SELECT " + printed[returns.Length..] : null;
    }

    private static ForeignKey Key(IGrouping<string?, string?[]> columns)
    {
        var first = columns.First();
        return new ForeignKey(Number(first[1]), Number(first[2]), first[3]![0], first[4]![0],
            [.. columns.Select(static c => c[5]!)], [.. columns.Select(static c => c[6]!)]);
    }

    private static FunctionReference Reference(string?[] row, int at) =>
        new(Number(row[at]), row[at + 1]!, row[at + 2]!, int.Parse(row[at + 3]!, CultureInfo.InvariantCulture));

    private static uint Number(string? text) => uint.Parse(text!, CultureInfo.InvariantCulture);
}
