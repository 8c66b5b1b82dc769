using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>Whether the server has a statement, as far as its replies told.</summary>
internal enum StatementState : byte
{
    /// <summary>Sent, not answered.</summary>
    Pending,
    Live,

    /// <summary>Its Parse failed or was skipped.</summary>
    Failed,

    /// <summary>Its Close was answered.</summary>
    Closed,
}

/// <summary>
/// A prepared statement: what it will run and how its rows look. Made by the client's pump; the upstream's pump sets the state and
/// the description as replies come.
/// </summary>
internal sealed class PreparedStatement
{
    private volatile StatementState _state;
    private volatile FieldDescription[]? _fields;
    private volatile uint[]? _parameterTypes;
    private ResultShape? _shape;

    public PreparedStatement(byte[] name, SqlFacts facts, uint[] declaredTypes)
    {
        Name = name;
        Facts = facts;
        DeclaredTypes = declaredTypes;
    }

    public byte[] Name { get; }

    public SqlFacts Facts { get; set; }

    /// <summary>Type OIDs that Parse declared; 0 or missing where the server infers.</summary>
    public uint[] DeclaredTypes { get; }

    public StatementState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>The Sync segment of its Parse: until that is answered, only there is it sure that the name means this statement.</summary>
    public long ParsedIn { get; set; } = -1;

    /// <summary>A Close was sent and not answered.</summary>
    public bool IsClosing { get; set; }

    /// <summary>The row description of Describe (statement): no formats. Empty when it returns no rows; null when not described.</summary>
    public FieldDescription[]? Fields
    {
        get => _fields;
        set => _fields = value;
    }

    /// <summary>From ParameterDescription; null when not described.</summary>
    public uint[]? ParameterTypes
    {
        get => _parameterTypes;
        set => _parameterTypes = value;
    }

    /// <summary>The type of parameter <paramref name="index"/>, 0 when nobody said.</summary>
    public uint TypeOf(int index)
    {
        if (_parameterTypes is { } inferred && index < inferred.Length)
            return inferred[index];
        return index < DeclaredTypes.Length ? DeclaredTypes[index] : 0;
    }

    /// <summary>The shape for these result formats; one is kept, since a driver asks for the same each time.</summary>
    public ResultShape ShapeFor(ReadOnlySpan<byte> formats)
    {
        if (_shape is null || !formats.SequenceEqual(_shape.Formats))
            _shape = new ResultShape(this, formats.ToArray());
        return _shape;
    }
}

/// <summary>
/// The rows of one statement in certain formats, and how they are masked. The plan belongs to the upstream's pump, which makes it
/// when the description comes.
/// </summary>
internal sealed class ResultShape
{
    private volatile PlannedRows? _rows;

    public ResultShape(PreparedStatement statement, byte[] formats)
    {
        Statement = statement;
        Formats = formats;
    }

    public PreparedStatement Statement { get; }

    /// <summary>Raw Int16s as in Bind.</summary>
    public byte[] Formats { get; }

    /// <summary>Null until planned; those of other masks are stale.</summary>
    public PlannedRows? Rows
    {
        get => _rows;
        set => _rows = value;
    }

    /// <summary>When the client's pump last sent a Describe for it: a number that goes up with each Sync and whenever names may have moved.</summary>
    public long DescribedIn { get; set; } = -1;
}
