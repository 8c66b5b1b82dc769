using System.Buffers;
using Sallyport.Core;
using Sallyport.Masking.Streams;

namespace Sallyport.Fuzz.Targets;

/// <summary>Terminal output: cut anywhere it is masked the same, and each byte is itself or a star.</summary>
internal sealed class TerminalTarget : IFuzzTarget
{
    private const Detectors All =
        Detectors.Pan | Detectors.Ssn | Detectors.Iban | Detectors.Jwt | Detectors.PrivateKey | Detectors.AwsKey | Detectors.Email;

    private static readonly StreamMaskPlan Plan = new(All, "ghx_0123456789abcdefghij"u8.ToArray(), "hunter2"u8.ToArray(), "huhuhu"u8.ToArray());

    public string Name => "terminal";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. "card 4111 1111 1111 1111, 2026-11-28 123-45-6789 DE89 3704 0044 0532 0130 00 ana@example.com\r\n"u8],
        [.. "A\u001b[1mKIAIOSFODNN7EXAMPLE eyJhbGciOiJIUzI1NiJ9.eyJz \u001b]0;AKIAIOSF\u0007 ghx_0123456789abcdefghij hunthunter2"u8],
        [.. "-----BEGIN PRIVATE KEY-----\nMCow\n-----END PRIVATE KEY-----\n4111 11 \r11 1111\u001b[5C1111"u8],
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. ("AKIA|eyJ|-----BEGIN |PRIVATE KEY-----|-----END |4111|123-|DE89|@a.b|ghx_|hunter2|huhu|"
            + "\u001b[|\u001b[m|\u001b]|\u001bP|\u0007|\u001b\\| \r|\0").Split('|').Select(Bytes.Utf8),
    ];

    public int LongestInput => 8192;

    public void Check(byte[] input, Random random)
    {
        var whole = Run([input]);
        Promise.Holds(whole.Length == input.Length, "a byte is a byte");
        for (var i = 0; i < input.Length; i++)
            Promise.Holds(whole[i] == input[i] || whole[i] == '*', "each byte is itself or a star");
        Promise.Holds(whole.AsSpan().SequenceEqual(Run(Cuts.Pieces(input, random))), "cut anywhere it is masked the same");
        Promise.Holds(whole.AsSpan().SequenceEqual(Run(input.Select(static b => new[] { b }))), "byte by byte it is masked the same");
        if (!input.Contains((byte)0x1B))
            Promise.Holds(whole.AsSpan().IndexOf("hunter2"u8) < 0, "no secret is left");
    }

    private static byte[] Run(IEnumerable<byte[]> pieces)
    {
        var masker = Plan.Create();
        var output = new ArrayBufferWriter<byte>();
        foreach (var piece in pieces)
            masker.Write(piece, output);
        masker.Release(output);
        return output.WrittenSpan.ToArray();
    }
}
