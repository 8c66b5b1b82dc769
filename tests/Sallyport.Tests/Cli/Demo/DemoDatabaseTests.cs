using System.Net;
using System.Net.Sockets;
using Sallyport.Cli;
using Sallyport.Cli.Demo;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Cli.Demo;

/// <summary>With the real server programs, which the demo finds or installs.</summary>
public sealed class DemoDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task TheDatabaseIsSeededOnceFoundAgainAndLeavesNothingRunning()
    {
        using var quiet = new StringWriter();
        using var nothing = new StringReader("");
        var cli = new CliContext { Out = quiet, Error = quiet, In = nothing };
        var programs = await PostgresPrograms.FindOrInstallAsync(cli, CancellationToken.None);
        PassThrough(_folder.Path);
        var folder = new DemoFolder(_folder["demo"]);
        folder.Prepare();
        var port = FreePort();
        var seeds = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            await using (var database = new DemoDatabase(programs, folder, port))
            {
                await database.StartAsync(cli, CancellationToken.None);
                seeds.Add(await CountAsync(programs, folder, port));
            }
            Assert.False(Answers(port));
        }
        Assert.Equal(["200|600|200|4000000000079196", "200|600|200|4000000000079196"], seeds);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> CountAsync(string programs, DemoFolder folder, int port)
    {
        var variables = new Dictionary<string, string> { ["PGPASSWORD"] = DemoFolder.Read(folder.UpstreamSecret) };
        const string Sql = "select count(*), (select count(*) from orders), count(distinct card_number), min(card_number) from customers";
        var result = await ChildProcess.RunAsync(
            [Path.Combine(programs, "psql"), "-XAtq", "-h", "127.0.0.1", "-p", $"{port}", "-U", DemoFiles.UpstreamUser, "-d",
                DemoFiles.Resource, "-c", Sql],
            variables, CancellationToken.None);
        return result.Out.Trim() + result.Error.Trim();
    }

    private static void PassThrough(string folder) =>
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);

    private static bool Answers(int port)
    {
        using var probe = new TcpClient();
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
