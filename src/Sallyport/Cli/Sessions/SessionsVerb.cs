using System.CommandLine;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sallyport sessions</c>.</summary>
internal static class SessionsVerb
{
    public static readonly Argument<string> Id = new("id") { Description = "The session's id." };

    public static readonly Argument<string> Recorded = new("id")
    {
        Description = "The session's id, the beginning or the end of it (4 characters or more), or last.",
    };

    public static readonly Option<uint?> Channel = new("--channel")
    {
        Description = "Only this channel of an SSH session, by the number that replay shows.",
        HelpName = "N",
    };

    public static Command Create(CliContext cli) => new("sessions", "Live and past sessions.")
    {
        SessionsListVerb.Create(cli),
        SessionsShowVerb.Create(cli),
        SessionsKillVerb.Create(cli),
        SessionsWatchVerb.Create(cli),
        SessionsReplayVerb.Create(cli),
        SessionsExportVerb.Create(cli),
        SessionsVerifyVerb.Create(cli),
    };
}
