using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Shell;

/// <summary>
/// The terminal and the variables that the client asked for on a session channel (RFC 4254 §6.2, §6.4, §6.7), so that each line of
/// command mode gets the same. Guarded by the session's lock.
/// </summary>
internal sealed class ChannelSettings
{
    /// <summary>Variables beyond this many bytes are not kept.</summary>
    private const int MostVariables = 64 * 1024;

    private readonly List<byte[]> _variables = [];
    private int _size;
    private byte[]? _terminal;
    private byte[] _modes = [];
    private (uint Columns, uint Rows, uint Width, uint Height) _window;

    /// <summary>The terminal's width in characters; 0 when it is not known.</summary>
    public int Columns => (int)Math.Min(_window.Columns, int.MaxValue);

    /// <summary>Learns from a request that is passed on.</summary>
    public void Learn(ReadOnlySpan<byte> name, ReadOnlySpan<byte> rest)
    {
        var reader = new SshReader(rest);
        if (name.SequenceEqual("pty-req"u8) && reader.TryReadString(out var terminal) && TryReadWindow(ref reader))
        {
            _terminal = terminal.ToArray();
            _modes = reader.TryReadString(out var modes) ? modes.ToArray() : [];
        }
        else if (name.SequenceEqual("window-change"u8))
        {
            TryReadWindow(ref reader);
        }
        else if (name.SequenceEqual("env"u8) && _size + rest.Length <= MostVariables)
        {
            _size += rest.Length;
            _variables.Add(rest.ToArray());
        }
    }

    /// <summary>The requests that give another channel the same, without their wish for a reply.</summary>
    public IEnumerable<byte[]> Requests()
    {
        if (_terminal is not null)
            yield return new SshWriter().String("pty-req").Boolean(false).String(_terminal).UInt32(_window.Columns).UInt32(_window.Rows)
                .UInt32(_window.Width).UInt32(_window.Height).String(_modes).Written.ToArray();
        foreach (var variable in _variables)
            yield return new SshWriter().String("env").Boolean(false).Bytes(variable).Written.ToArray();
    }

    private bool TryReadWindow(ref SshReader reader)
    {
        if (!reader.TryReadUInt32(out var columns) || !reader.TryReadUInt32(out var rows))
            return false;
        reader.TryReadUInt32(out var width);
        reader.TryReadUInt32(out var height);
        _window = (columns, rows, width, height);
        return true;
    }
}
