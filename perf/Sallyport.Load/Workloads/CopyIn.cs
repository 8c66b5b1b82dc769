using System.Diagnostics;
using System.Text;
using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Workloads;

/// <summary>COPY … FROM STDIN of rows like the wide table's, in pieces of some 64 kB into an unlogged, empty table.</summary>
public sealed class CopyIn : IWorkload
{
    private const int PieceBytes = 64 * 1024;

    private static readonly Metric Rate = new("COPY in", "MB/s", 0, IsRate: true);
    private static readonly Metric Cpu = new("proxy CPU, COPY in", "s/GB", 2);
    private static readonly byte[] Piece = MakePiece();

    public string Name => "copy";

    public async Task RunAsync(Stage stage, Results results)
    {
        foreach (var subject in stage.Real)
        {
            await stage.Postgres.ExecuteAsync("truncate sink");
            using var connection = await LoadConnection.OpenForStreamsAsync(subject.Target);
            var (cpu, started) = (subject.Meter.CpuTime(), Stopwatch.GetTimestamp());
            var bytes = connection.CopyIn("copy sink from stdin", Piece, stage.Options.CopyInPieces);
            var elapsed = Stopwatch.GetElapsedTime(started);
            cpu = subject.Meter.CpuTime() - cpu;
            results.Add(subject.Name, Rate, bytes / 1e6 / elapsed.TotalSeconds);
            if (subject.ProcessId is not null)
                results.Add(subject.Name, Cpu, cpu.TotalSeconds / (bytes / 1e9));
        }
    }

    private static byte[] MakePiece()
    {
        const string row = "12345\t827ccb0eea8a706c4c34a16891f84e7b\te10adc3949ba59abbe56e057f20f883e\tuser12345@example.com\t" +
            "4111111111111111\tnote\n";
        var text = new StringBuilder();
        while (text.Length < PieceBytes)
            text.Append(row);
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
