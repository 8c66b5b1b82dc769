using System.Net;
using System.Net.Sockets;
using Sallyport.Hosting.Configuration;
using Sallyport.Postgres;

namespace Sallyport.Cli.Demo;

/// <summary>The ports of one run. Those of the configuration when they are free; others take their place for this run only.</summary>
/// <param name="Gateway">Where clients connect.</param>
/// <param name="Database">Where the demo's own PostgreSQL listens.</param>
/// <param name="Taken">The port that the gateway should have had and could not, or null.</param>
internal sealed record DemoPorts(int Gateway, int Database, int? Taken)
{
    private const int Usual = 6432;

    public static DemoPorts Choose(DemoFolder folder, int? asked)
    {
        var known = File.Exists(folder.Config) ? ConfigurationFile.Load(folder.Config) : null;
        var wanted = asked ?? known?.Listen.Postgres?.Port ?? Usual;
        var isFree = IsFree(wanted);
        if (!isFree && asked is not null)
            throw new CliFailure(ExitCode.AddressInUse, $"port {wanted} is taken.", "Leave --port out and a free one is used.");
        var database = known is null ? null : Shop(known)?.Port;
        return new DemoPorts(isFree ? wanted : FindFree(), database is { } port && IsFree(port) ? port : FindFree(), isFree ? null : wanted);
    }

    /// <exception cref="Hosting.StartFailure">The user has made the configuration wrong.</exception>
    public GatewayOptions ApplyTo(DemoFolder folder)
    {
        var options = ConfigurationFile.Load(folder.Config);
        return options with
        {
            Listen = options.Listen with { Postgres = new IPEndPoint(options.Listen.Postgres?.Address ?? IPAddress.Loopback, Gateway) },
            Resources = [.. options.Resources.Select(r => r == Shop(options) ? Shop(options)! with { Port = Database } : r)],
        };
    }

    private static PostgresResource? Shop(GatewayOptions options) =>
        options.Resources.OfType<PostgresResource>().FirstOrDefault(static r => r.Name == DemoFiles.Resource);

    private static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FindFree()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
