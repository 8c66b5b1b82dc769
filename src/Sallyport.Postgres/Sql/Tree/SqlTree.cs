using System.Text.Json;

namespace Sallyport.Postgres.Sql;

/// <summary>What a token of the tree is.</summary>
internal enum SqlTokenKind : byte
{
    Object,
    Array,

    /// <summary>A string or a number: the bytes between its ends, escapes still in.</summary>
    Scalar,
    EscapedString,
    True,
    False,
}

/// <summary>
/// A parse tree as the grammar wrote it: the JSON bytes and a flat table of their tokens, each knowing where the value after it
/// begins. Reused for one text after the other, allocates only to grow. <see cref="SqlNode"/> is how it is read.
/// </summary>
internal sealed class SqlTree
{
    // Nested objects and lists; a level of SQL nesting takes two or three. Reading recurses, so this also bounds the stack.
    private const int MaximumDepth = 2_000;

    private byte[] _json = new byte[16 * 1024];
    private SqlToken[] _tokens = new SqlToken[1024];
    private readonly int[] _open = new int[MaximumDepth];
    private int _count;

    public SqlNode Root => new(this, 0);

    public ref readonly SqlToken this[int index] => ref _tokens[index];

    public ReadOnlySpan<byte> Bytes(in SqlToken token) => _json.AsSpan(token.Start, token.Length);

    /// <summary>Replaces the content. False when it nests too deeply, and when it is no tree.</summary>
    public bool TryLoad(ReadOnlySpan<byte> json)
    {
        _count = 0;
        if (_json.Length < json.Length)
            _json = new byte[json.Length + json.Length / 4];
        json.CopyTo(_json);
        try
        {
            var reader = new Utf8JsonReader(_json.AsSpan(0, json.Length), new JsonReaderOptions { MaxDepth = MaximumDepth });
            var depth = 0;
            while (reader.Read())
                Add(ref reader, ref depth);
            return _count > 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private void Add(ref Utf8JsonReader reader, ref int depth)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                _open[depth++] = Append(SqlTokenKind.Object, (int)reader.TokenStartIndex, 0);
                break;
            case JsonTokenType.StartArray:
                _open[depth++] = Append(SqlTokenKind.Array, (int)reader.TokenStartIndex, 0);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _tokens[_open[--depth]].Next = _count;
                break;
            case JsonTokenType.True:
                Append(SqlTokenKind.True, 0, 0);
                break;
            case JsonTokenType.False or JsonTokenType.Null:
                Append(SqlTokenKind.False, 0, 0);
                break;
            case JsonTokenType.Number:
                Append(SqlTokenKind.Scalar, (int)reader.TokenStartIndex, reader.ValueSpan.Length);
                break;
            default:
                // Half of a surrogate pair is JSON, but no text.
                if (reader.ValueIsEscaped)
                    reader.GetString();
                Append(reader.ValueIsEscaped ? SqlTokenKind.EscapedString : SqlTokenKind.Scalar, (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                break;
        }
    }

    private int Append(SqlTokenKind kind, int start, int length)
    {
        if (_count == _tokens.Length)
            Array.Resize(ref _tokens, _count * 2);
        _tokens[_count] = new SqlToken { Kind = kind, Start = start, Length = length, Next = _count + 1 };
        return _count++;
    }
}

/// <summary>One token; <see cref="Next"/> is the index just after the value it begins.</summary>
internal struct SqlToken
{
    public SqlTokenKind Kind;
    public int Start;
    public int Length;
    public int Next;
}
