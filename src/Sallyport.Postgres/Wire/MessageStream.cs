using System.Buffers;
using System.IO.Pipelines;

namespace Sallyport.Postgres.Wire;

/// <summary>A message read whole. <see cref="IsEnd"/> when the peer closed or broke the protocol instead.</summary>
public readonly record struct ReadMessage(byte Type, byte[] Body)
{
    public bool IsEnd => Type == 0;
}

/// <summary>Reads whole messages one at a time, for log-in and catalogue queries: cold paths where a copy costs nothing.</summary>
public static class MessageStream
{
    /// <summary>
    /// The next message. <see cref="ReadMessage.IsEnd"/> at the end of the stream, and when the message is longer than
    /// <paramref name="maxBody"/> or its length lies.
    /// </summary>
    public static async ValueTask<ReadMessage> ReadAsync(PipeReader input, int maxBody, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (MessageFrame.TryReadHeader(buffer, out var type, out var length))
            {
                if (length < 0 || length > maxBody || type == 0)
                {
                    input.AdvanceTo(buffer.Start);
                    return default;
                }
                if (buffer.Length >= MessageFrame.HeaderLength + (long)length)
                {
                    var message = new ReadMessage(type, buffer.Slice(MessageFrame.HeaderLength, length).ToArray());
                    input.AdvanceTo(buffer.GetPosition(MessageFrame.HeaderLength + length));
                    return message;
                }
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
                return default;
        }
    }
}
