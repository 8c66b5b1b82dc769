using System.Diagnostics;
using Sallyport.Core;

namespace Sallyport.Storage.Tests;

/// <summary>A gateway in another process: opens the store, then prints the id of each session once it is durable, until killed.</summary>
internal static class CrashingChild
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ["write", var path])
            return 2;
        var opened = SqliteStore.Open(path, TimeProvider.System);
        if (!opened.IsOpen)
            return 1;
        for (; ; )
        {
            var session = Samples.Session("ana", "shop", DateTimeOffset.UtcNow);
            await opened.Store.Sessions.OpenedAsync(session, CancellationToken.None);
            Console.WriteLine(session.Id);
        }
    }

    public static Process Start(string path) => Process.Start(new ProcessStartInfo("dotnet")
    {
        ArgumentList = { "exec", typeof(CrashingChild).Assembly.Location, "write", path },
        RedirectStandardOutput = true,
    })!;
}
