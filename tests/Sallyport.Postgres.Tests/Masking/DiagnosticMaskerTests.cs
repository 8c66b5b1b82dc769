using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Sallyport.Postgres.Masking;

namespace Sallyport.Postgres.Tests.Masking;

public sealed class DiagnosticMaskerTests
{
    [Fact]
    public void Threat31_ADuplicateKeyKeepsItsMessageAndLosesTheValue() => Assert.Equal(
        "SERROR|VERROR|C23505|tcustomers|nu|Mduplicate key value violates unique constraint \"u\"",
        Mask("SERROR", "VERROR", "C23505", "Mduplicate key value violates unique constraint \"u\"", "DKey (ssn)=(123-45-6789) already exists.",
            "tcustomers", "nu", "Fnbtinsert.c", "L664", "R_bt_check_unique"));

    [Fact]
    public void Threat31_ACastErrorLosesItsText() => Assert.Equal(
        "SERROR|VERROR|C22P02|P8|Mdata exception (its text is masked)",
        Mask("SERROR", "VERROR", "C22P02", "Minvalid input syntax for type integer: \"123-45-6789\"", "P8", "Wcontext", "qselect secret"));

    [Fact]
    public void Threat31_ARaiseWithAHarmlessCodeIsMaskedAllTheSame() => Assert.Equal(
        "SERROR|VERROR|C42P01|Msyntax error or access rule violation (its text is masked)",
        Mask("SERROR", "VERROR", "C42P01", "M123-45-6789", "tsecret", "WPL/pgSQL function f() line 1 at RAISE"));

    [Fact]
    public void Threat31_ANameThatWasComputedFromAMaskedValueIsMasked() => Assert.Equal(
        "SERROR|VERROR|C42P01|Msyntax error or access rule violation (its text is masked)",
        Mask(readsValues: true, "SERROR", "VERROR", "C42P01", "Mrelation \"912-45-6781\" does not exist"));

    [Fact]
    public void ANameThatStandsInTheTextPasses() => Assert.Equal(
        "SERROR|VERROR|C42703|P8|Mcolumn \"nmae\" does not exist",
        Mask(readsValues: true, "SERROR", "VERROR", "C42703", "Mcolumn \"nmae\" does not exist", "P8"));

    [Fact]
    public void ASyntaxErrorPassesWithItsPosition() => Assert.Equal(
        "SERROR|VERROR|C42601|P15|Msyntax error at or near \"form\"",
        Mask("SERROR", "VERROR", "C42601", "Msyntax error at or near \"form\"", "P15", "Fscan.l", "L1176", "Rscanner_yyerror"));

    [Theory]
    [InlineData("P12x")]
    [InlineData("P")]
    [InlineData("P123-45-6789")]
    public void APositionThatIsNoNumberIsDropped(string position) =>
        Assert.Equal("C42601|Mm", Mask("C42601", "Mm", position));

    [Fact]
    public void Threat9_AMalformedBodyWritesNothing()
    {
        var good = Body("SERROR", "C42601", "Mm");
        for (var length = 0; length < good.Length; length++) Refused(good[..length]);
        Refused([.. good, 0]);
        Refused(Body("SERROR", "Mno state"));
        Refused(Body("SERROR", "C4260", "Mshort state"));
        Refused(Body("C426011", "Mlong state"));
        Refused(Body("C123-45-6789", "C42601", "Mtwo states"));

        static void Refused(byte[] body)
        {
            var output = new ArrayBufferWriter<byte>();
            Assert.False(DiagnosticMasker.TryMask((byte)'E', body, output, readsValues: false));
            Assert.Equal(0, output.WrittenCount);
        }
    }

    private static byte[] Body(params string[] fields) => Encoding.UTF8.GetBytes(string.Concat(fields.Select(field => field + "\0")) + "\0");

    private static string Mask(params string[] fields) => Mask(readsValues: false, fields);

    private static string Mask(bool readsValues, params string[] fields)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(DiagnosticMasker.TryMask((byte)'E', Body(fields), output, readsValues));
        var message = output.WrittenSpan;
        Assert.Equal((byte)'E', message[0]);
        Assert.Equal(message.Length - 1, BinaryPrimitives.ReadInt32BigEndian(message[1..]));
        var text = Encoding.UTF8.GetString(message[5..]);
        Assert.EndsWith("\0\0", text, StringComparison.Ordinal);
        return text[..^2].Replace('\0', '|');
    }
}
