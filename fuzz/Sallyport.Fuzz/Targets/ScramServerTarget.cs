using System.Text;
using System.Text.RegularExpressions;
using Sallyport.Postgres.Authentication;
using static Sallyport.Fuzz.Targets.ScramExchange;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// The gateway as SCRAM server: the first byte says what was offered, then come client-first-message and client-final-message. Both
/// are taken exactly when a reading by RFC 5802 §7 takes them, and nobody is proved but by the right proof over those very messages.
/// </summary>
internal sealed partial class ScramServerTarget : IFuzzTarget
{
    private const int PlusFlag = 1, TlsFlag = 2, UnknownFlag = 4;
    private const int LongestMessage = 4096;

    public string Name => "scram-server";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [0, .. "n,,n=,r=abcdefghijkl"u8, End, .. "c=\u0003,r=\u0001,p=\u0002"u8],
        [2, .. "n,,n=bot-7,r=abcdefghijkl,x=y"u8, End, .. "c=biws,r=\u0001,p=\u0002"u8],
        [3, .. "p=tls-server-end-point,,n=,r=abcdefghijkl"u8, End, .. "c=\u0003,r=\u0001,p=\u0002"u8],
        [4, .. "y,,n=,r=abcdefghijkl"u8, End, .. "c=eSws,r=\u0001,p=\u0002"u8],
        [0, .. "n,a=admin,m=x,n=,r=abc"u8, End, .. "c=biws,r=\u0001,x=y,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="u8],
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [End], [1], [2], [3], [.. ",p="u8], [.. ",r="u8], [.. "c="u8], [.. "n="u8], [.. "n,,"u8], [.. "y,,"u8],
        [.. "p=tls-server-end-point,,"u8], [.. ",a="u8],
        [.. ",m="u8], [.. "=2C"u8], [.. "biws"u8], [.. "abcdefgh"u8], [.. "="u8], [.. " "u8],
    ];

    public int LongestInput => 9000;

    public void Check(byte[] input, Random random)
    {
        if (input.Length == 0)
            return;
        var (plus, tls, known) = ((input[0] & PlusFlag) != 0, (input[0] & TlsFlag) != 0, (input[0] & UnknownFlag) == 0);
        var server = new ScramServer(known ? Known : Unknown, plus, tls ? Certificate : null);
        var (first, final) = Messages(input.AsSpan(1));

        var answer = server.First(Encoding.Latin1.GetBytes(first)) is { } bytes ? Encoding.Latin1.GetString(bytes) : null;
        var shape = ClientFirst().Match(first);
        var takes = shape.Success && first.Length <= LongestMessage && shape.Groups["flag"].Value switch
        {
            "n" => !plus,
            "y" => !plus && !tls,
            _ => plus && tls,
        };
        Promise.Holds(takes == answer is not null, "exactly the first messages of RFC 5802 are taken");
        if (answer is null)
        {
            Promise.Holds(server.Final(Encoding.Latin1.GetBytes(final)) is null, "without a first message nobody is proved");
            return;
        }
        var said = ServerFirst().Match(answer);
        Promise.Holds(said.Success && said.Groups["nonce"].Value.StartsWith(shape.Groups["nonce"].Value, StringComparison.Ordinal),
            "the answer is one");
        CheckFinal(server, final, known, shape, answer, said.Groups["nonce"].Value, plus ? Certificate : []);
    }

    private static void CheckFinal(ScramServer server, string final, bool known, Match first, string answer, string nonce,
        byte[] certificate)
    {
        var binding = Convert.ToBase64String([.. Encoding.ASCII.GetBytes(first.Groups["gs2"].Value), .. certificate]);
        final = final.Replace($"{Nonce}", nonce, StringComparison.Ordinal).Replace($"{Binding}", binding, StringComparison.Ordinal);
        var expected = $"c={binding},r={nonce}";
        var authMessage = $"{first.Groups["bare"].Value},{answer},{expected}";
        var proof = Proof(authMessage);
        final = final.Replace($"{Right}", proof, StringComparison.Ordinal);

        var proved = server.Final(Encoding.Latin1.GetBytes(final));
        var right = known && final.Length <= LongestMessage && final.StartsWith(expected + ",p=", StringComparison.Ordinal) &&
            IsBase64Of(final[(expected.Length + 3)..], proof);
        Promise.Holds(right == proved is not null, "exactly the right proof over these messages proves");
        if (proved is not { } result)
            return;
        Promise.Holds(ReferenceEquals(result.Principal, Bot), "it proves whose secret it is");
        Promise.Holds(Encoding.ASCII.GetString(result.ServerFinal) == "v=" + Signature(authMessage), "the server proves itself too");
    }

    // Base64 takes white space anywhere.
    private static bool IsBase64Of(string text, string canonical)
    {
        Span<byte> bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written)
            && bytes[..written].SequenceEqual(Convert.FromBase64String(canonical));
    }

    // gs2-header without authzid; a nonce of 8 to 256 printable characters; what follows it is extensions, which are ignored.
    [GeneratedRegex(@"^(?<gs2>(?<flag>n|y|p=tls-server-end-point),,)"
        + @"(?<bare>n=[\x00-\x2b\x2d-\x7f]*,r=(?<nonce>[\x21-\x2b\x2d-\x7e]{8,256})(,[\x00-\x7f]*)?)\z")]
    private static partial Regex ClientFirst();

    [GeneratedRegex(@"^r=(?<nonce>[\x21-\x2b\x2d-\x7e]+),s=MDEyMzQ1Njc4OWFiY2RlZg==,i=4096\z")]
    private static partial Regex ServerFirst();
}
