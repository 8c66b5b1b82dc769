using System.Diagnostics;
using Npgsql;

namespace Sallyport.Postgres.Tests.Masking;

/// <summary>A real PostgreSQL on a Unix socket in a folder of its own, for one test class: the judge of what is a valid value.</summary>
public sealed class MaskingServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sallyport-masking-").FullName;

    /// <summary>Where its Unix socket is.</summary>
    public string Folder => _folder;

    public NpgsqlDataSource Source { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        var program = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";
        await RunAsync($"{program}/initdb -D {_folder}/data -U postgres -A trust -N -E UTF8 --no-locale");
        await RunAsync($"{program}/pg_ctl -D {_folder}/data -o \"-k {_folder} -h '' -F\" -l {_folder}/log -w start");
        Source = NpgsqlDataSource.Create($"Host={_folder};Username=postgres;Database=postgres;Pooling=true");
        Stop = $"{program}/pg_ctl -D {_folder}/data -m immediate stop";
    }

    private string Stop { get; set; } = "true";

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await RunAsync(Stop);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The server refuses to run as root, so its own user runs it there.</summary>
    private static async Task RunAsync(string command)
    {
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("su", ["postgres", "-s", "/bin/sh", "-c", command])
            : new ProcessStartInfo("/bin/sh", ["-c", command]);
        start.WorkingDirectory = "/";
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, command);
    }
}
