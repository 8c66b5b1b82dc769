using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Sallyport.Postgres.Masking;

namespace Sallyport.Fuzz.Targets;

/// <summary>A masked error is well-formed and holds only fields that quote no value, judged by a reading with strings.</summary>
internal sealed class DiagnosticMaskerTarget : IFuzzTarget
{
    private const string Masked = "(its text is masked)";

    private readonly ArrayBufferWriter<byte> _output = new();

    public string Name => "diagnostic";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. "SERROR\0VERROR\0C23505\0Mduplicate key\0DKey (ssn)=(123-45-6789)\0tcustomers\0nu\0Fnbtinsert.c\0L664\0Rbt\0\0"u8],
        [.. "SERROR\0VERROR\0C22P02\0Minvalid input: \"123-45-6789\"\0P8\0Wcontext\0qselect secret\0\0"u8],
        [.. "SNOTICE\0VNOTICE\0C42P01\0M123-45-6789\0tsecret\0WPL/pgSQL\0\0"u8], [.. "C42601\0Msyntax error\0P15\0\0"u8],
    ];

    public void Check(byte[] input, Random random)
    {
        var fields = Fields(input);
        var strict = Check(input, fields, readsValues: true);
        var loose = Check(input, fields, readsValues: false);
        Promise.Holds(strict is null == loose is null, "what is taken does not depend on what the statement reads");
        if (strict is not null)
            Promise.Holds(strict.Where(static field => field[0] != 'M').All(loose!.Contains),
                "a statement that reads values says no more than another");
    }

    /// <summary>The fields that pass; null when the body is refused.</summary>
    private List<string>? Check(byte[] input, List<string>? fields, bool readsValues)
    {
        _output.ResetWrittenCount();
        var taken = DiagnosticMasker.TryMask((byte)'E', input, _output, readsValues);
        Promise.Holds(taken || _output.WrittenCount == 0, "what is refused writes nothing");
        Promise.Holds(taken == (fields?.Where(field => field[0] == 'C').ToArray() is [{ Length: 6 }]),
            "whole bodies with one SQLSTATE are taken");
        if (!taken || fields is null)
            return null;
        var message = _output.WrittenSpan;
        Promise.Holds(message[0] == 'E' && BinaryPrimitives.ReadInt32BigEndian(message[1..]) == message.Length - 1, "the frame is right");
        var kept = Fields(message[5..].ToArray());
        Promise.Holds(kept is not null, "the body is well-formed");
        Judge(fields, kept!);
        return kept;
    }

    private static void Judge(List<string> fields, List<string> kept)
    {
        var mustHide = fields.Any(field => field[0] == 'W') || fields.Contains("C22P02");
        foreach (var field in kept)
        {
            switch (field[0])
            {
                case 'C':
                    Promise.Holds(field.Length == 6, "nothing but a SQLSTATE passes as one");
                    break;
                case 'M':
                    Promise.Holds(field.EndsWith(Masked, StringComparison.Ordinal) ||
                        (!mustHide && field == (fields.LastOrDefault(f => f[0] == 'M') ?? "M")),
                        "a message that may quote a value is masked");
                    continue;
                case 'P' or 'p':
                    Promise.Holds(field.Length > 1 && field.Skip(1).All(char.IsAsciiDigit), "a position is a number");
                    break;
                case 's' or 't' or 'c' or 'd' or 'n':
                    Promise.Holds(!mustHide, "names pass only where nothing is quoted");
                    break;
                default:
                    Promise.Holds(field[0] is 'S' or 'V', $"field {field[0]} does not pass");
                    break;
            }
            Promise.Holds(fields.Contains(field), "what passes was there");
        }
        Promise.Holds(kept.Count(field => field[0] == 'M') == 1, "there is one message");
    }

    /// <summary>The fields, code first; null when the body does not end as it must.</summary>
    private static List<string>? Fields(byte[] body)
    {
        var text = Encoding.Latin1.GetString(body);
        if (text == "\0")
            return [];
        if (!text.EndsWith("\0\0", StringComparison.Ordinal))
            return null;
        var fields = text[..^2].Split('\0');
        return fields.Contains("") ? null : [.. fields];
    }
}
