namespace Sallyport.Core;

/// <summary>What is wrong with a store; the operator's side is to blame for all of them.</summary>
public enum StoreFault : byte
{
    /// <summary>The device answers with errors or not in time.</summary>
    Device,
    DiskFull,

    /// <summary>The file or its folder cannot be written, or the store was opened for reading only.</summary>
    NotWritable,
    Corrupted,

    /// <summary>There is a row of that id already, or none to change.</summary>
    Conflict,

    /// <summary>The store was closed.</summary>
    Closed,
}

/// <summary>
/// A store did not do what it was asked; nothing of the change was kept. The only exception that stores throw but for cancellation.
/// </summary>
public sealed class StoreException : IOException
{
    public StoreException(StoreFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    public StoreFault Fault { get; }
}
