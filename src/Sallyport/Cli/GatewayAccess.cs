using System.CommandLine;
using System.Text;
using Sallyport.Admin.Client;
using Sallyport.Core;
using Sallyport.Hosting;
using Sallyport.Hosting.Configuration;

namespace Sallyport.Cli;

/// <summary>
/// How a verb finds the running gateway and says who asks. The secret comes from <c>--secret-file</c>, <c>SALLYPORT_SECRET</c> or a
/// prompt, never from an argument: those show in the process list.
/// </summary>
internal static class GatewayAccess
{
    private static readonly Option<string?> Socket = new("--socket")
    {
        Description = "The gateway's admin socket. Default: SALLYPORT_SOCKET, else listen.admin of the configuration.",
        HelpName = "PATH",
    };

    private static readonly Option<string?> As = new("--as") { Description = "Who asks. Default: SALLYPORT_AS.", HelpName = "NAME" };

    private static readonly Option<string?> SecretFile = new("--secret-file")
    {
        Description = "A file with the secret. Default: SALLYPORT_SECRET, else a prompt.",
        HelpName = "FILE",
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(As);
        command.Options.Add(SecretFile);
        command.Options.Add(Socket);
    }

    public static AdminClient Connect(ParseResult parsed, CliContext cli)
    {
        var login = parsed.GetValue(As) ?? cli.Variable("SALLYPORT_AS");
        if (string.IsNullOrEmpty(login))
            throw new CliFailure(ExitCode.Usage, "who asks?", "Say --as NAME, or set SALLYPORT_AS.");
        return new AdminClient(FindSocket(parsed, cli), login, FindSecret(parsed, cli, login));
    }

    private static string FindSocket(ParseResult parsed, CliContext cli)
    {
        if ((parsed.GetValue(Socket) ?? cli.Variable("SALLYPORT_SOCKET")) is { Length: > 0 } path)
            return Path.GetFullPath(path);
        try
        {
            return ConfigurationFile.Load(parsed.GetValue(CommonOptions.Config)!).Listen.AdminSocket;
        }
        catch (StartFailure failure)
        {
            throw new CliFailure(ExitCode.BadConfiguration, failure.Message,
                "Say where the gateway's socket is with --socket PATH, or correct --config.");
        }
    }

    private static string FindSecret(ParseResult parsed, CliContext cli, string login)
    {
        if (parsed.GetValue(SecretFile) is { } file)
            return ReadFile(file);
        if (cli.Variable("SALLYPORT_SECRET") is { Length: > 0 } secret)
            return secret;
        if (!cli.CanAsk)
            throw new CliFailure(ExitCode.NotAuthorised, "no secret was given.", "Set SALLYPORT_SECRET or say --secret-file FILE.");
        cli.Error.Write($"Secret of {SafeText.Escape(login)}: ");
        return ReadHidden(cli);
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.CannotUseFiles, $"the secret file cannot be read: {e.Message}", "Check --secret-file.");
        }
    }

    private static string ReadHidden(CliContext cli)
    {
        var secret = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
                secret.Length--;
            else if (!char.IsControl(key.KeyChar))
                secret.Append(key.KeyChar);
        }
        cli.Error.WriteLine();
        return secret.ToString();
    }
}
