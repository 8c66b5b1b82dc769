using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sallyport.Postgres.Authentication;
using static Sallyport.Fuzz.Targets.ScramExchange;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// The gateway as SCRAM client of an upstream: server-first-message and server-final-message. The first is answered exactly when a
/// reading by RFC 5802 §7 takes it, with the proof that the RFC computes; and only who knows the secret is believed.
/// </summary>
internal sealed partial class ScramClientTarget : IFuzzTarget
{
    // More would only cost time: the work per iteration is the same.
    private const int MostIterationsRun = 1000;
    private const int MostIterationsTaken = 1_000_000;
    private const int LongestMessage = 4096;

    public string Name => "scram-client";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [0, .. "r=\u0001x,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=1"u8, End, .. "v=\u0002"u8],
        [1, .. "r=\u0001srv,s=MDEy,i=12,x=y"u8, End, .. "v=\u0002,x=y"u8], [0, .. "r=\u0001,s=,i=1"u8, End, .. "e=other-error"u8],
        [0, .. "m=x,r=\u0001x,s=MDEy,i=1000001"u8, End, .. "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="u8],
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [End], [1], [2], [.. "r="u8], [.. ",s="u8], [.. ",i="u8], [.. ",m="u8], [.. "v="u8], [.. "e="u8], [.. "="u8], [.. "=="u8],
        [.. "-1"u8], [.. "0"u8], [.. "1"u8],
        [.. "1000000"u8], [.. "2147483648"u8], [.. " "u8], [.. "MDEy"u8],
    ];

    public int LongestInput => 9000;

    public void Check(byte[] input, Random random)
    {
        if (input.Length == 0)
            return;
        var binding = (input[0] & 1) != 0 ? Certificate : null;
        using var client = new ScramClient(Password, binding);
        var header = binding is null ? "n,," : "p=tls-server-end-point,,";
        var bare = Encoding.ASCII.GetString(client.First())[header.Length..];
        Promise.Holds(ClientFirst().IsMatch(bare), "the client's first message is one");
        var ownNonce = bare["n=,r=".Length..];

        var (first, last) = Messages(input.AsSpan(1));
        first = first.Replace($"{Nonce}", ownNonce, StringComparison.Ordinal);
        var shape = ServerFirst().Match(first);
        var nonce = shape.Groups["nonce"].Value;
        var takes = shape.Success && first.Length <= LongestMessage && Base64.IsValid(shape.Groups["salt"].Value) &&
            nonce.Length > ownNonce.Length && nonce.StartsWith(ownNonce, StringComparison.Ordinal);
        var iterations = takes && int.TryParse(shape.Groups["iterations"].Value, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if (iterations is > MostIterationsRun and <= MostIterationsTaken)
            return;
        var answer = client.Final(Encoding.Latin1.GetBytes(first)) is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
        Promise.Holds((takes && iterations is >= 1 and <= MostIterationsTaken) == answer is not null,
            "exactly the first messages of RFC 5802 are taken");
        if (answer is null)
        {
            Promise.Holds(!client.Verify(Encoding.Latin1.GetBytes(last)), "without a first message nobody is believed");
            return;
        }
        var withoutProof = $"c={Convert.ToBase64String([.. Encoding.ASCII.GetBytes(header), .. binding ?? []])},r={nonce}";
        var authMessage = $"{bare},{first},{withoutProof}";
        var salted = SaltPassword(Password, Convert.FromBase64String(shape.Groups["salt"].Value), iterations);
        Promise.Holds(answer == $"{withoutProof},p={Proof(salted, authMessage)}", "the answer is what the RFC computes");

        var signature = Signature(salted, authMessage);
        last = last.Replace($"{Right}", signature, StringComparison.Ordinal);
        // A signature is 44 characters; some more are white space at most.
        var right = last.Length <= 64 && last.StartsWith("v=", StringComparison.Ordinal) && Stripped(last[2..]) == signature;
        Promise.Holds(client.Verify(Encoding.Latin1.GetBytes(last)) == right, "exactly who knows the secret is believed");
    }

    private static string Stripped(string text)
    {
        Span<byte> bytes = new byte[64];
        return Convert.TryFromBase64String(text, bytes, out var written) ? Convert.ToBase64String(bytes[..written]) : "";
    }

    [GeneratedRegex(@"^n=,r=[\x21-\x2b\x2d-\x7e]{24}\z")]
    private static partial Regex ClientFirst();

    // What follows the iterations is extensions, which are ignored.
    [GeneratedRegex(@"^r=(?<nonce>[\x21-\x2b\x2d-\x7e]*),s=(?<salt>[\x00-\x2b\x2d-\x7f]*),i=(?<iterations>[0-9]+)(,[\x00-\x7f]*)?\z")]
    private static partial Regex ServerFirst();
}
