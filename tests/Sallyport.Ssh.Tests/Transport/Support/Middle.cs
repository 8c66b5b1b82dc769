using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>Somebody in the middle of one direction who may do to the bytes what the network may.</summary>
internal sealed class Middle
{
    /// <summary>Where in what is next passed on a bit is flipped; negative for nowhere.</summary>
    public int FlipAt { get; set; } = -1;

    /// <summary>Set, what is next passed on comes in two halves, the second when this completes.</summary>
    public TaskCompletionSource? Held { get; set; }

    public async Task Pass(PipeReader from, PipeWriter to)
    {
        while (true)
        {
            var result = await from.ReadAsync();
            var bytes = result.Buffer.ToArray();
            from.AdvanceTo(result.Buffer.End);
            if (FlipAt >= 0 && FlipAt < bytes.Length)
            {
                bytes[FlipAt] ^= 1;
                FlipAt = -1;
            }
            if (Held is { } held && bytes.Length > 0)
            {
                Held = null;
                await to.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                await held.Task;
                bytes = bytes[(bytes.Length / 2)..];
            }
            await to.WriteAsync(bytes);
            if (result.IsCompleted)
                break;
        }
        await to.CompleteAsync();
    }

    /// <summary>
    /// Passes on the version line and the packets in the clear, to and with NEWKEYS, as <paramref name="change"/> makes them, and then
    /// deletes as many bytes.
    /// </summary>
    public static async Task ChangeBeforeKeys(PipeReader from, PipeWriter to, Func<byte[], byte[]> change, int length)
    {
        var isLineOver = false;
        var isClear = true;
        while (true)
        {
            var result = await from.ReadAsync();
            var rest = result.Buffer;
            while (isClear || length > 0)
            {
                long take;
                if (!isLineOver)
                    take = rest.PositionOf((byte)'\n') is { } end ? rest.Slice(0, end).Length + 1 : 0;
                else if (!isClear)
                    take = rest.Length >= length ? length : 0;
                else
                    take = rest.Length >= 4 ? 4 + BinaryPrimitives.ReadInt32BigEndian(rest.Slice(0, 4).ToArray()) : 0;
                if (take == 0 || take > rest.Length)
                    break;
                var packet = rest.Slice(0, take).ToArray();
                rest = rest.Slice(take);
                if (!isClear)
                {
                    length = 0;
                    break;
                }
                await to.WriteAsync(isLineOver ? change(packet) : packet);
                isClear = !isLineOver || packet[5] != (byte)MessageNumber.NewKeys;
                isLineOver = true;
            }
            if (!isClear && length == 0)
            {
                await to.WriteAsync(rest.ToArray());
                rest = rest.Slice(rest.End);
            }
            from.AdvanceTo(rest.Start, result.Buffer.End);
            if (result.IsCompleted)
                break;
        }
        await to.CompleteAsync();
    }
}
