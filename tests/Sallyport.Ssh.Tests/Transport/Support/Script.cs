using System.IO.Pipelines;
using System.Text;
using Sallyport.Ssh.Transport.Packets;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A peer that says what the test wants, before there are keys: lines and packets in the clear.</summary>
internal sealed class Script(PipeWriter output)
{
    private readonly PacketWriter _packets = new();

    public async Task LineAsync(string line) => await output.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

    public async Task PacketAsync(params byte[] payload)
    {
        _packets.Write(output, payload, default);
        await output.FlushAsync();
    }

    public async Task BytesAsync(params byte[] bytes) => await output.WriteAsync(bytes);
}
