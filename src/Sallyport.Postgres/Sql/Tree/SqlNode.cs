using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// A value in a <see cref="SqlTree"/>; <c>default</c> is a missing one, on which everything answers empty. Valid until the tree
/// is loaded again.
/// </summary>
/// <remarks>A tree node is an object with one member, named after the node's type: <c>{"FuncCall":{…}}</c>.</remarks>
internal readonly struct SqlNode
{
    private readonly SqlTree? _tree;
    private readonly int _index;

    public SqlNode(SqlTree tree, int index)
    {
        _tree = tree;
        _index = index;
    }

    public bool Exists => _tree is not null;

    public bool IsObject => _tree is not null && _tree[_index].Kind == SqlTokenKind.Object;

    public bool IsArray => _tree is not null && _tree[_index].Kind == SqlTokenKind.Array;

    public bool IsTrue => _tree is not null && _tree[_index].Kind == SqlTokenKind.True;

    /// <summary>The bytes of a string without escapes or of a number; empty for all else.</summary>
    public ReadOnlySpan<byte> Bytes => _tree is not null && _tree[_index].Kind == SqlTokenKind.Scalar ? _tree.Bytes(_tree[_index]) : [];

    public string Text
    {
        get
        {
            if (_tree is null)
                return "";
            ref readonly var token = ref _tree[_index];
            if (token.Kind != SqlTokenKind.EscapedString)
                return Encoding.UTF8.GetString(Bytes);
            var quoted = new Utf8JsonReader([(byte)'"', .. _tree.Bytes(token), (byte)'"']);
            quoted.Read();
            return quoted.GetString()!;
        }
    }

    public int Int => Utf8Parser.TryParse(Bytes, out int value, out _) ? value : 0;

    /// <summary>The member of that name of an object, else a missing node.</summary>
    public SqlNode this[ReadOnlySpan<byte> name]
    {
        get
        {
            foreach (var member in Members)
            {
                if (member.Name.SequenceEqual(name))
                    return member.Value;
            }
            return default;
        }
    }

    /// <summary>The name of the only member of a tree node, <c>FuncCall</c>; empty when this is no tree node.</summary>
    public ReadOnlySpan<byte> Type
    {
        get
        {
            if (!IsObject || _tree![_index].Next == _index + 1)
                return [];
            var name = _tree.Bytes(_tree[_index + 1]);
            return name.Length > 0 && char.IsAsciiLetterUpper((char)name[0]) ? name : [];
        }
    }

    /// <summary>What a tree node holds.</summary>
    public SqlNode Body => Type.IsEmpty ? default : new SqlNode(_tree!, _index + 2);

    public SqlMembers Members => new(_tree, _index, IsObject);

    public SqlItems Items => new(_tree, _index, IsArray);

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var _ in Items)
                count++;
            return count;
        }
    }

    public SqlNode Last
    {
        get
        {
            SqlNode last = default;
            foreach (var item in Items)
                last = item;
            return last;
        }
    }

    public bool Is(ReadOnlySpan<byte> text) => Bytes.SequenceEqual(text);

    /// <summary>The body when this is a tree node of that type, else a missing node.</summary>
    public SqlNode As(ReadOnlySpan<byte> type) => Type.SequenceEqual(type) ? Body : default;
}

/// <summary>A named value of an object.</summary>
internal readonly ref struct SqlMember(ReadOnlySpan<byte> name, SqlNode value)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public SqlNode Value { get; } = value;
}

/// <summary>Enumerates the members of an object.</summary>
internal ref struct SqlMembers
{
    private readonly SqlTree? _tree;
    private readonly int _end;
    private int _next;

    public SqlMembers(SqlTree? tree, int index, bool isObject)
    {
        _tree = tree;
        _next = index + 1;
        _end = isObject ? tree![index].Next : _next;
        Current = default;
    }

    public SqlMember Current { get; private set; }

    public readonly SqlMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next >= _end)
            return false;
        Current = new SqlMember(_tree!.Bytes(_tree[_next]), new SqlNode(_tree, _next + 1));
        _next = _tree[_next + 1].Next;
        return true;
    }
}

/// <summary>Enumerates the items of a list.</summary>
internal struct SqlItems
{
    private readonly SqlTree? _tree;
    private readonly int _end;
    private int _next;

    public SqlItems(SqlTree? tree, int index, bool isArray)
    {
        _tree = tree;
        _next = index + 1;
        _end = isArray ? tree![index].Next : _next;
        Current = default;
    }

    public SqlNode Current { get; private set; }

    public readonly SqlItems GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next >= _end)
            return false;
        Current = new SqlNode(_tree!, _next);
        _next = _tree![_next].Next;
        return true;
    }
}
