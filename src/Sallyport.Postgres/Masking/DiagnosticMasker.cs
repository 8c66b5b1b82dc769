using System.Buffers;
using System.Buffers.Binary;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// Rewrites ErrorResponse and NoticeResponse for sessions that have masks: what the server says about a failure quotes values (a
/// duplicate key, a failing row, a text that is no number). Only what is known to quote no value passes.
/// Body: fields of one byte and a zero-terminated string, then a zero byte (PostgreSQL manual, "Error and Notice Message Fields").
/// </summary>
public static class DiagnosticMasker
{
    private const int HeaderLength = 5;

    /// <summary>
    /// Writes the whole message. False, with nothing written, when the body is malformed or does not carry exactly one SQLSTATE.
    /// </summary>
    /// <param name="type"><c>'E'</c> or <c>'N'</c>.</param>
    /// <param name="body">What follows type and length.</param>
    /// <param name="output">Takes the message.</param>
    /// <param name="readsValues">
    /// The statement reads masked values: what it names may be one of them (<c>ssn::regclass</c>), unless the server found the fault
    /// in the text itself, and then it says where.
    /// </param>
    public static bool TryMask(byte type, ReadOnlySpan<byte> body, IBufferWriter<byte> output, bool readsValues)
    {
        if (!TryFind(body, out var state, out var message, out var hasContext, out var hasPosition)) return false;

        // RAISE may give any SQLSTATE to any text, but then the context tells of the function or block it stands in.
        var quotesNothing = !hasContext && (readsValues && !hasPosition ? ValueFreeStates.NamesNothing(state) : ValueFreeStates.Contains(state));
        var text = quotesNothing ? message : ValueFreeStates.Canonical(state);
        var most = HeaderLength + body.Length + text.Length + 3;
        var destination = output.GetSpan(most);
        var length = HeaderLength;
        foreach (var field in new Fields(body))
        {
            if (field[0] is (byte)'S' or (byte)'V' or (byte)'C' || (field[0] is (byte)'P' or (byte)'p' && IsNumber(field[1..]))
                || (quotesNothing && field[0] is (byte)'s' or (byte)'t' or (byte)'c' or (byte)'d' or (byte)'n'))
            {
                Append(destination, ref length, field);
            }
        }

        destination[length++] = (byte)'M';
        Append(destination, ref length, text);
        destination[length++] = 0;
        destination[0] = type;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], length - 1);
        output.Advance(length);
        return true;
    }

    private static bool TryFind(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> state, out ReadOnlySpan<byte> message, out bool hasContext, out bool hasPosition)
    {
        state = message = default;
        hasContext = hasPosition = false;
        var states = 0;
        var fields = new Fields(body);
        while (fields.MoveNext())
        {
            var value = fields.Current[1..];
            switch (fields.Current[0])
            {
                case (byte)'C': state = value; states++; break;
                case (byte)'M': message = value; break;
                case (byte)'W': hasContext = true; break;
                case (byte)'P': hasPosition = true; break;
            }
        }

        // Of two, one would pass unread.
        return fields.IsComplete && states == 1 && state.Length == 5;
    }

    private static bool IsNumber(ReadOnlySpan<byte> value) => value.Length is > 0 and < 11 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static void Append(Span<byte> destination, ref int length, ReadOnlySpan<byte> field)
    {
        field.CopyTo(destination[length..]);
        length += field.Length;
        destination[length++] = 0;
    }

    /// <summary>Walks the fields: each its code and its text, without the zero.</summary>
    private ref struct Fields(ReadOnlySpan<byte> body)
    {
        private ReadOnlySpan<byte> _rest = body;

        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>True when the walk ended at the terminator and nothing follows it.</summary>
        public readonly bool IsComplete => _rest.Length == 1 && _rest[0] == 0;

        public readonly Fields GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.Length < 2 || _rest[0] == 0) return false;
            var end = _rest.IndexOf((byte)0);
            if (end < 0) return false;
            Current = _rest[..end];
            _rest = _rest[(end + 1)..];
            return true;
        }
    }
}
