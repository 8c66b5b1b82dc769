using System.Diagnostics.CodeAnalysis;

namespace Sallyport.Storage;

/// <summary>Why a store could not be opened.</summary>
public enum StoreOpenOutcome : byte
{
    Opened,

    /// <summary>Another gateway has it.</summary>
    Locked,

    /// <summary>It was written by a later version of the gateway.</summary>
    NewerSchema,
    Corrupted,
    NotWritable,
    DiskFull,

    /// <summary>Opened for reading, and there is no such file.</summary>
    Missing,
    DeviceFailed,
}

/// <summary>An opened store, or why there is none: <see cref="Message"/> is for the operator and names the file.</summary>
public readonly record struct StoreOpenResult(StoreOpenOutcome Outcome, SqliteStore? Store, string? Message)
{
    [MemberNotNullWhen(true, nameof(Store))]
    public bool IsOpen => Outcome == StoreOpenOutcome.Opened && Store is not null;
}
