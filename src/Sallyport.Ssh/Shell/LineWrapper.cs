using System.Buffers;
using System.Text;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Shell;

/// <summary>
/// The exec line that runs a line of command mode at the target. It is the gateway's own and is not decided; the user's line is one
/// argument of it, quoted so that no login shell finds anything else in it.
/// </summary>
internal static class LineWrapper
{
    private const string There = "cd -- \"$2\" && eval \"$1\"";
    private const string Home = "eval \"$1\"";
    private const string Tell = "; s=$?; printf \"\\036%s%s\\036%s\\036\" \"$3\" \"$PWD\" \"$HOME\"; exit $s";

    /// <param name="line">The line that was decided.</param>
    /// <param name="directory">Where it runs; null is where sessions begin.</param>
    /// <param name="nonce">Has the shell say where it is in the end (<see cref="DirectoryTrailer"/>); null when it cannot be elsewhere.</param>
    public static byte[] Wrap(ReadOnlySpan<byte> line, string? directory, string? nonce)
    {
        var wrapped = new ArrayBufferWriter<byte>(line.Length + 256);
        wrapped.Write("/bin/sh -c "u8);
        Quote(Encoding.ASCII.GetBytes((directory is null ? Home : There) + (nonce is null ? "" : Tell)), wrapped);
        wrapped.Write(" sh "u8);
        Quote(line, wrapped);
        wrapped.Write(" "u8);
        Quote(Encoding.UTF8.GetBytes(directory ?? ""), wrapped);
        wrapped.Write(" "u8);
        Quote(Encoding.ASCII.GetBytes(nonce ?? ""), wrapped);
        return wrapped.WrittenSpan.ToArray();
    }

    /// <summary>Whether the line may leave the shell in another directory.</summary>
    public static bool MayMove(SshFacts facts) => facts.IsOpaque || facts.Commands.Any(static c => c.Name is "cd" or "pushd" or "popd");

    /// <summary>One word to sh, csh and fish alike: fish takes backslashes in quotes for escapes, csh exclamation marks for history.</summary>
    public static void Quote(ReadOnlySpan<byte> word, IBufferWriter<byte> output)
    {
        output.Write("'"u8);
        while (word.IndexOfAny("'\\!"u8) is var at and >= 0)
        {
            output.Write(word[..at]);
            output.Write("'\\"u8);
            output.Write(word.Slice(at, 1));
            output.Write("'"u8);
            word = word[(at + 1)..];
        }
        output.Write(word);
        output.Write("'"u8);
    }
}
