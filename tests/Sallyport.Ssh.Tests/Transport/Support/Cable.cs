using System.Buffers;
using System.IO.Pipelines;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>One end of a connection in memory.</summary>
internal sealed record CableEnd(PipeReader Input, PipeWriter Output) : IDuplexPipe;

/// <summary>
/// A connection in memory. What one end writes goes through a <see cref="Tamper"/> to the other, if there is one.
/// </summary>
internal static class Cable
{
    private static readonly PipeOptions Options = new(useSynchronizationContext: false);

    /// <summary>Two ends that see each other's bytes as they are.</summary>
    public static (CableEnd Client, CableEnd Server) Straight()
    {
        var (up, down) = (new Pipe(Options), new Pipe(Options));
        return (new CableEnd(down.Reader, up.Writer), new CableEnd(up.Reader, down.Writer));
    }

    /// <summary>Two ends with somebody between them.</summary>
    public static (CableEnd Client, CableEnd Server) Through(Tamper? toServer, Tamper? toClient)
    {
        var (up, down) = (new Pipe(Options), new Pipe(Options));
        return (new CableEnd(Between(down.Reader, toClient), up.Writer), new CableEnd(Between(up.Reader, toServer), down.Writer));
    }

    /// <summary>Gives on one byte at a time, in pieces of 16: every packet is cut at every offset.</summary>
    public static async Task ByteByByte(PipeReader from, PipeWriter to)
    {
        while (true)
        {
            var result = await from.ReadAsync();
            foreach (var piece in result.Buffer)
            {
                for (var i = 0; i < piece.Length; i++)
                {
                    to.GetSpan(1)[0] = piece.Span[i];
                    to.Advance(1);
                    await to.FlushAsync();
                }
            }
            from.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }
        await to.CompleteAsync();
    }

    private static PipeReader Between(PipeReader from, Tamper? tamper)
    {
        if (tamper is null)
            return from;
        var pipe = new Pipe(new PipeOptions(minimumSegmentSize: 16, useSynchronizationContext: false));
        _ = tamper(from, pipe.Writer);
        return pipe.Reader;
    }
}

/// <summary>Somebody in the middle of one direction.</summary>
internal delegate Task Tamper(PipeReader from, PipeWriter to);
