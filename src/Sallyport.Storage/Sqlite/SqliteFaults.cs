using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>SQLite's result codes (sqlite.org/rescode.html) → <see cref="StoreFault"/>.</summary>
internal static class SqliteFaults
{
    private const int ReadOnly = 8, Corrupt = 11, Full = 13, CannotOpen = 14, Constraint = 19, NotADatabase = 26, Permission = 3, Auth = 23;

    public static StoreFault Of(SqliteException exception) => exception.SqliteErrorCode switch
    {
        Full => StoreFault.DiskFull,
        ReadOnly or CannotOpen or Permission or Auth => StoreFault.NotWritable,
        Corrupt or NotADatabase => StoreFault.Corrupted,
        Constraint => StoreFault.Conflict,
        _ => StoreFault.Device,
    };

    public static StoreException Wrap(SqliteException exception)
    {
        var fault = Of(exception);
        return new StoreException(fault, $"the store failed ({fault}): {exception.Message}", exception);
    }

    public static StoreOpenOutcome OpenOutcomeOf(StoreFault fault) => fault switch
    {
        StoreFault.DiskFull => StoreOpenOutcome.DiskFull,
        StoreFault.NotWritable => StoreOpenOutcome.NotWritable,
        StoreFault.Corrupted => StoreOpenOutcome.Corrupted,
        _ => StoreOpenOutcome.DeviceFailed,
    };
}
