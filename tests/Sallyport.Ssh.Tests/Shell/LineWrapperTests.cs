using System.Buffers;
using System.Text;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Shell;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Shell;

/// <summary>The gateway's wrapper around a line, given to the shells that accounts may have.</summary>
public sealed class LineWrapperTests
{
    private const string Nonce = "0123456789abcdef0123456789abcdef";

    public static TheoryData<string> Shells => new("bash", "dash", "zsh", "mksh", "ksh", "fish");

    private static async Task<(CommandResult Result, DirectoryTrailer Trailer, string Shown)> RunAsync(string shell, string line, string? directory)
    {
        var wrapped = Encoding.UTF8.GetString(LineWrapper.Wrap(Encoding.UTF8.GetBytes(line), directory, Nonce));
        var result = await Command.RunAsync(shell, ["-c", wrapped], new Dictionary<string, string?> { ["HOME"] = "/tmp" });
        var trailer = new DirectoryTrailer(Nonce);
        var shown = new ArrayBufferWriter<byte>();
        trailer.Write(Encoding.UTF8.GetBytes(result.Output), shown);
        shown.Write(trailer.Rest);
        return (result, trailer, Encoding.UTF8.GetString(shown.WrittenSpan));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task TheLineRunsInItsDirectoryAndItsStatusIsTheWrappers(string shell)
    {
        var (result, trailer, shown) = await RunAsync(shell, "cd / && pwd; sh -c 'exit 7'", "/usr");

        Assert.Equal((7, "/\n", "/", "/tmp"), (result.ExitCode, shown, trailer.Directory, trailer.Home));
    }

    /// <summary>The account's own shell hands the line on as it is: quotes, backslashes, what csh and fish make something of.</summary>
    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Threat51_NoLineEscapesTheWrapper(string shell)
    {
        foreach (var word in (string[])["it's", "'; touch /tmp/escaped; '", "\\", "\\\\", "\\'", "a\\", "!!", "!$", "$HOME", "`id`", "$(id)", "\"", "a\tb", "(x)", "größe", "%self", "~", "*"])
        {
            var line = new ArrayBufferWriter<byte>();
            line.Write("printf '<%s>' "u8);
            line.Write(Encoding.UTF8.GetBytes("'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'"));

            var (result, _, shown) = await RunAsync(shell, Encoding.UTF8.GetString(line.WrittenSpan), null);

            Assert.Equal((0, $"<{word}>"), (result.ExitCode, shown));
        }
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task SoDoesNoDirectory(string shell)
    {
        using var folder = new TemporaryFolder("it's $(id) %; ");

        var (result, trailer, shown) = await RunAsync(shell, "pwd", folder.FullPath);

        Assert.Equal((0, folder.FullPath + "\n", folder.FullPath), (result.ExitCode, shown, trailer.Directory));
    }

    [Fact]
    public async Task InADirectoryThatIsGoneNothingRunsAndTheNextLineBeginsWhereSessionsDo()
    {
        var (result, trailer, shown) = await RunAsync("dash", "echo ran", "/not/there");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(("", Path.TrimEndingDirectorySeparator(Path.GetTempPath())), (shown, trailer.Directory));
    }

    [Theory]
    [InlineData("cd /tmp", true)]
    [InlineData("ls && cd /tmp", true)]
    [InlineData("ls; pushd /tmp", true)]
    [InlineData("cd $HOME", true)]
    [InlineData("ls cd", false)]
    public void OnlyWhatMayMoveSaysWhereItIs(string line, bool mayMove) =>
        Assert.Equal(mayMove, LineWrapper.MayMove(ExecReader.Read(Encoding.UTF8.GetBytes(line))));
}
