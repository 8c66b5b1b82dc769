using Sallyport.Core;


namespace Sallyport.Cli;

/// <summary>What a verb may touch of the process: its streams, whether a person reads them, the environment, the clock.</summary>
internal sealed record CliContext
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>A person reads stdout: tables and colours help there and nowhere else.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>A person can be asked on stdin.</summary>
    public bool CanAsk { get; init; }

    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How the user called this program, so that printed lines can be pasted.</summary>
    public string Self => Variable("SALLYPORT_SELF") is { Length: > 0 } self ? self : "sallyport";

    public static CliContext ForProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        IsTerminal = !Console.IsOutputRedirected,
        CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
    };

    /// <summary>A line for the person, safe whatever is in it.</summary>
    public void Line(string text) => Out.WriteLine(SafeText.Escape(text));

    public void Report(CliFailure failure)
    {
        Error.WriteLine($"sallyport: {SafeText.EscapeLines(failure.Message)}");
        if (failure.Next is { } next)
            Error.WriteLine($"  {SafeText.EscapeLines(next)}");
    }

    /// <summary>Asks a question that only <c>y</c> answers with yes.</summary>
    public bool Confirm(string question)
    {
        if (!CanAsk)
            throw new CliFailure(ExitCode.Usage, "a confirmation is needed and nobody can be asked here.", "Add --yes.");
        Error.Write($"{question} [y/N] ");
        return In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
