namespace Sallyport.Hosting;

/// <summary>Why the gateway did not start; each has its own exit code.</summary>
internal enum StartFault : byte
{
    BadConfiguration,
    AddressInUse,
    StateLocked,
    CannotUseFiles,
}

/// <summary>Ends a start with one line and what to do next. Nothing is left running.</summary>
internal sealed class StartFailure : Exception
{
    public StartFailure(StartFault fault, string message, string? next = null)
        : base(message)
    {
        Fault = fault;
        Next = next;
    }

    public StartFault Fault { get; }

    public string? Next { get; }
}
