using System.Collections.Immutable;
using System.Globalization;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// Reads <see cref="OwnCode"/> over a connection of the gateway's own. Bodies come again only when their rows of pg_proc changed.
/// </summary>
internal static class CodeReader
{
    // With this path the server prints every name that is not PostgreSQL's own with its schema.
    private const string Path = "SET search_path = pg_catalog";

    /// <summary>Null when the upstream would not answer, or answered what cannot be understood.</summary>
    public static async ValueTask<OwnCode?> ReadAsync(UpstreamConnection connection, OwnCode previous, CancellationToken cancellationToken)
    {
        if (await CatalogueReader.RowsAsync(connection, Path, 0, cancellationToken) is null ||
            await ReadFunctionsAsync(connection, previous, cancellationToken) is not { } functions ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.Uses, 7, cancellationToken) is not { } uses ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.Attached, 6, cancellationToken) is not { } attached ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.Rules, 3, cancellationToken) is not { } rules ||
            await CatalogueReader.RowsAsync(connection, CodeQueries.ForeignKeys, 7, cancellationToken) is not { } keys)
            return null;
        return new OwnCode
        {
            Functions = functions,
            Uses = uses.Select(static r => new CodeUse((CodeUser)r[0]![0], r[1]!, r[2] == "1", Reference(r, 3))),
            Attached = attached.Select(static r => new AttachedCode(Number(r[0]), (RelationEvents)Number(r[1]), Reference(r, 2))),
            Rules = rules.Select(static r => new RelationRule(Number(r[0]), (RelationEvents)Number(r[1]), r[2]!)),
            ForeignKeys = keys.GroupBy(static r => r[0]).Select(Key),
        };
    }

    private static async ValueTask<List<CatalogueFunction>?> ReadFunctionsAsync(
        UpstreamConnection connection, OwnCode previous, CancellationToken cancellationToken)
    {
        if (await CatalogueReader.RowsAsync(connection, CodeQueries.Functions, 5, cancellationToken) is not { } rows)
            return null;
        var functions = new List<CatalogueFunction>(rows.Count);
        var changed = new List<CatalogueFunction>();
        foreach (var row in rows)
        {
            var named = new CatalogueFunction(Number(row[0]), row[2]!, row[3]!) { Version = Number(row[1]), IsExtension = row[4] == "1" };
            if (previous.Find(named.Oid) is { } known && known.Version == named.Version && !known.IsPrinted)
                functions.Add(known.IsCalled(named) ? known : known with { Schema = named.Schema, Name = named.Name, IsExtension = named.IsExtension });
            else
                changed.Add(named);
        }
        if (changed.Count == 0)
            return functions;
        if (await CatalogueReader.RowsAsync(connection, CodeQueries.Definitions([.. changed.Select(static f => f.Oid)]), 9, cancellationToken) is not { } definitions)
            return null;
        var printed = definitions.Exists(static d => d[7] == "1") ? await PrintedAsync(connection, cancellationToken) : [];
        var byOid = definitions.ToDictionary(static d => Number(d[0]));
        // One that is not there any more was dropped meanwhile.
        functions.AddRange(changed.Where(f => byOid.ContainsKey(f.Oid)).Select(f => Define(f, byOid[f.Oid], printed)));
        return functions;
    }

    private static CatalogueFunction Define(CatalogueFunction function, string?[] row, Dictionary<uint, string> printed)
    {
        var isPrinted = row[7] == "1";
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
            IsPrinted = isPrinted,
            Body = row[4] != CatalogueFunction.Sql ? null : isPrinted ? printed.GetValueOrDefault(function.Oid) : row[8]!.Length == 0 ? null : row[8],
        };
    }

    /// <summary>Bodies that are trees, as SQL: BEGIN ATOMIC … END and RETURN … become the statements in there.</summary>
    private static async ValueTask<Dictionary<uint, string>> PrintedAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        const string begin = "BEGIN ATOMIC\n", end = "\nEND", returns = "RETURN ";
        var rows = await CatalogueReader.RowsAsync(connection, CodeQueries.Printed, 2, cancellationToken) ?? [];
        var bodies = new Dictionary<uint, string>();
        foreach (var row in rows)
        {
            var text = row[1]!;
            if (text.StartsWith(begin, StringComparison.Ordinal) && text.EndsWith(end, StringComparison.Ordinal) && text.Length >= begin.Length + end.Length)
                bodies[Number(row[0])] = text[begin.Length..^end.Length];
            else if (text.StartsWith(returns, StringComparison.Ordinal))
                bodies[Number(row[0])] = "SELECT " + text[returns.Length..];
        }
        return bodies;
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
