namespace Sallyport.Cli;

/// <summary>Ends a verb with one line on stderr, what to do next, and an exit code.</summary>
internal sealed class CliFailure : Exception
{
    public CliFailure(int exitCode, string message, string? next = null)
        : base(message)
    {
        ExitCode = exitCode;
        Next = next;
    }

    public int ExitCode { get; }

    /// <summary>What the user can do about it, or null.</summary>
    public string? Next { get; }
}
