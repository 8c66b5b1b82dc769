using System.CommandLine;
using Sallyport.Core;
using Sallyport.Recording.Segments;

namespace Sallyport.Cli.Sessions;

/// <summary><c>sessions verify [ID]</c>: whether the recording is what was written. Needs no gateway and trusts none.</summary>
internal static class SessionsVerifyVerb
{
    private static readonly Argument<string?> Id = new("id")
    {
        Description = "Only findings that can concern this session (its id, a part of it, or last); the whole chain is checked all the same.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Head = new("--head")
    {
        Description = "A head noted before (64 hex digits): it must still be in the chain. Without one a cut tail can look whole.",
        HelpName = "HASH",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The gateway's public key, kept apart. Default: recording.pub beside the recording, which who edits it could change too.",
        HelpName = "FILE",
    };

    public static Command Create(CliContext cli)
    {
        var command = new Command("verify",
            "Check checksums, chain and seals of the recording in the data folder of --config. Asks no gateway: whoever may read the files may do so. " +
            "Answers 0 when it is intact, 1 when it is not.")
        {
            Id, Head, Key, CommonOptions.Json,
        };
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        byte[]? head = null;
        if (parsed.GetValue(Head) is { } hash && !SegmentVerifier.TryParseHead(hash, out head))
            throw new CliFailure(ExitCode.Usage, "--head is 64 hex digits.", "An earlier verify printed it.");
        var folder = FolderRecords.FolderOf(parsed);
        SessionId? session = null;
        if (parsed.GetValue(Id) is { } text)
        {
            using var records = FolderRecords.Open(parsed, cli.Time);
            session = await records.FindAsync(text, stop);
        }
        var report = VerifyMessage.From(Verify(folder, parsed.GetValue(Key) ?? Path.Combine(folder, "recording.pub"), head, session), session);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, report);
        else
            Print(cli, report);
        return report.Intact ? ExitCode.Ok : ExitCode.Failed;
    }

    private static VerifyReport Verify(string folder, string key, byte[]? head, SessionId? session)
    {
        try
        {
            return SegmentVerifier.VerifyFolder(folder, new VerifyOptions
            {
                TrustedKeys = [File.ReadAllText(key)],
                HeadsLog = Path.Combine(folder, "heads.log"),
                ExpectedHead = head,
                Session = session,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.CannotUseFiles, $"the recording cannot be checked: {e.Message}", "Run it as the gateway's user; say where its public key is with --key.");
        }
        catch (Exception e) when (e is ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            throw new CliFailure(ExitCode.CannotUseFiles, $"{key} is no public key: {e.Message}", "Say where the gateway's public key (PEM) is with --key.");
        }
    }

    private static void Print(CliContext cli, VerifyMessage report)
    {
        foreach (var finding in report.Findings)
        {
            cli.Line($"{finding.Kind}: {finding.Message}");
            cli.Line($"  segment {finding.Segment}, block {Show(finding.Block)}, record {Show(finding.Record)}, session {finding.Session ?? "-"}, " +
                $"sequence {Show(finding.Sequence)}, offset {Show(finding.Offset)}");
        }
        var ofSession = report.Session is null ? "" : $", {report.SessionRecords} of session {report.Session}";
        cli.Line($"{report.Segments} segments, {report.Blocks} blocks, {report.Records} records checked{ofSession}");
        cli.Line(Verdict(report));
        cli.Line($"head {report.Head}");
    }

    private static string Verdict(VerifyMessage report)
    {
        if (report.Findings.Length > 0)
            return $"BROKEN: {report.Findings.Length} findings";
        return report.Intact ? "intact" : "nothing of this session is recorded here";
    }

    private static string Show(long? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-";
}
