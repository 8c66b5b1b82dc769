using System.CommandLine;

namespace Sallyport.Cli;

/// <summary>Options that mean the same on every verb.</summary>
internal static class CommonOptions
{
    public const string DefaultConfig = "./sallyport.yaml";

    public static readonly Option<string> Config = new("--config", "-c")
    {
        Description = "The gateway's configuration file.",
        DefaultValueFactory = static _ => DefaultConfig,
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON for machines." };

    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };
}
