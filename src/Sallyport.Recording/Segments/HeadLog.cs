using System.Globalization;
using System.Text;

namespace Sallyport.Recording.Segments;

/// <summary>One line of the log of heads: after <see cref="NextRecord"/> minus one records the chain stood at <see cref="Hash"/>.</summary>
public sealed record HeadEntry(DateTimeOffset At, string Segment, long NextRecord, byte[] Hash, bool Sealed);

/// <summary>
/// The anchor outside the segments: a line per head (UTC time, segment, next record number, hash in hex, <c>sealed</c> or
/// <c>open</c>). It shows a cut tail, so it belongs on another device or is shipped away.
/// </summary>
internal sealed class HeadLog : IDisposable
{
    private readonly FileStream _file;

    public HeadLog(string path)
    {
        _file = PrivateFile.Create(path, FileMode.OpenOrCreate);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Append(DateTimeOffset at, string segment, long nextRecord, ReadOnlySpan<byte> hash, bool isSealed)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{at.UtcDateTime:O} {segment} {nextRecord} {Convert.ToHexStringLower(hash)} {(isSealed ? "sealed" : "open")}\n");
        _file.Write(Encoding.ASCII.GetBytes(line));
    }

    /// <summary>Reads the lines it understands; a torn last line is not one of them.</summary>
    public static List<HeadEntry> Read(string path)
    {
        var heads = new List<HeadEntry>();
        if (!File.Exists(path))
            return heads;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (TryParse(line, out var head))
                heads.Add(head);
        }
        return heads;
    }

    public static bool TryParse(string line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HeadEntry? head)
    {
        head = null;
        var words = line.Split(' ');
        if (words.Length != 5 || words[3].Length != 64 || words[4] is not ("sealed" or "open") || !words[3].All(char.IsAsciiHexDigit))
            return false;
        if (!DateTimeOffset.TryParse(words[0], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at)
            || !long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var next))
            return false;
        head = new HeadEntry(at, words[1], next, Convert.FromHexString(words[3]), words[4] == "sealed");
        return true;
    }

    public void Dispose() => _file.Dispose();
}
