using System.Buffers;
using System.Text;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Shell;

/// <summary>
/// Cuts out of a line's output what the gateway's wrapper (<see cref="LineWrapper"/>) says behind it: where the shell was in the end, and
/// where it is at home. <c>RS nonce directory RS home RS</c>, cut anywhere. All else passes as it is; only what may be the trailer's
/// beginning is held back.
/// </summary>
internal sealed class DirectoryTrailer(string nonce)
{
    /// <summary>ASCII's record separator: seldom in a text, so that seldom anything is held back.</summary>
    private const byte Separator = 0x1E;

    /// <summary>PATH_MAX, twice.</summary>
    private const int Longest = 2 * 4096;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] _mark = [Separator, .. Encoding.ASCII.GetBytes(nonce)];
    private byte[] _held = [];

    /// <summary>Where the shell was in the end; null when that is not known, or no path that can be kept.</summary>
    public string? Directory { get; private set; }

    /// <summary>The account's home, or null.</summary>
    public string? Home { get; private set; }

    public void Write(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (_held.Length > 0)
        {
            data = (byte[])[.. _held, .. data];
            _held = [];
        }
        while (data.IndexOf(Separator) is var at and >= 0)
        {
            output.Write(data[..at]);
            data = data[at..];
            if (TryCut(data, out var length))
            {
                data = data[length..];
            }
            else if (length == 0)
            {
                _held = data.ToArray();
                return;
            }
            else
            {
                output.Write(data[..1]);
                data = data[1..];
            }
        }
        output.Write(data);
    }

    /// <summary>What was held back: nothing more comes.</summary>
    public ReadOnlySpan<byte> Rest => _held;

    /// <summary>What was held back was taken.</summary>
    public void Forget() => _held = [];

    /// <summary>True: a trailer of that length. False with 0: it may become one; with 1: it is none.</summary>
    private bool TryCut(ReadOnlySpan<byte> data, out int length)
    {
        length = 1;
        var begun = Math.Min(data.Length, _mark.Length);
        if (!data[..begun].SequenceEqual(_mark.AsSpan(0, begun)))
            return false;
        var rest = data[begun..];
        var first = rest.IndexOf(Separator);
        var second = first < 0 ? -1 : rest[(first + 1)..].IndexOf(Separator);
        if (second < 0)
        {
            length = rest.Length > Longest ? 1 : 0;
            return false;
        }
        Directory = PathOf(rest[..first]);
        Home = PathOf(rest.Slice(first + 1, second));
        length = begun + first + 1 + second + 1;
        return true;
    }

    /// <summary>Only what every shell takes literally in quotes is kept.</summary>
    private static string? PathOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var path = Strict.GetString(bytes);
            return path is ['/', ..] && path.EnumerateRunes().All(static r => ShellWords.MayBeQuoted(r, '\'')) ? path : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
