using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>One <see cref="MaskGuard"/> for all sessions that have the same masks and the same reading of the catalogue. Thread-safe.</summary>
internal static class MaskGuards
{
    private static readonly ConditionalWeakTable<Catalogue.Catalogue, ConditionalWeakTable<MaskSet, MaskGuard>> Known = [];

    public static MaskGuard Of(MaskSet masks, Catalogue.Catalogue catalogue, SqlReader sql) =>
        Known.GetOrCreateValue(catalogue).GetValue(masks, m => new MaskGuard(m, catalogue, sql));
}
