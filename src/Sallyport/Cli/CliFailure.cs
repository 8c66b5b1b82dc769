using Sallyport.Hosting;

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

    /// <summary>Each way in which a start can fail has its own exit code.</summary>
    public static CliFailure Of(StartFailure failure) => new(
        failure.Fault switch
        {
            StartFault.AddressInUse => Cli.ExitCode.AddressInUse,
            StartFault.StateLocked => Cli.ExitCode.StateLocked,
            StartFault.CannotUseFiles => Cli.ExitCode.CannotUseFiles,
            _ => Cli.ExitCode.BadConfiguration,
        },
        failure.Message, failure.Next);

    /// <summary>What the user can do about it, or null.</summary>
    public string? Next { get; }
}
