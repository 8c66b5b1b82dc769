using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Statements or portals by name; looked up by the bytes of a message without making a string. Names are cut where the server cuts
/// them (NAMEDATALEN), so two that it takes for one are one here.
/// </summary>
internal sealed class NameTable<T>
    where T : class
{
    private const int MaxNameBytes = 63;

    // Made with the first name: most sessions use the unnamed ones alone.
    private Dictionary<byte[], T>? _entries;
    private Dictionary<byte[], T>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;

    public bool TryGet(ReadOnlySpan<byte> name, [MaybeNullWhen(false)] out T entry)
    {
        entry = null;
        return _entries is not null && _bySpan.TryGetValue(Cut(name), out entry);
    }

    public void Set(ReadOnlySpan<byte> name, T entry)
    {
        if (_entries is null)
        {
            _entries = new Dictionary<byte[], T>(NameComparer.Instance);
            _bySpan = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
        }
        _bySpan[Cut(name)] = entry;
    }

    public void Remove(ReadOnlySpan<byte> name)
    {
        if (_entries is not null)
            _bySpan.Remove(Cut(name));
    }

    /// <summary>The part of a name that counts.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> name) => name[..Math.Min(name.Length, MaxNameBytes)];

    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly NameComparer Instance = new();

        // Seeded per process, so that a client cannot choose names that collide.
        private static readonly long Seed = Random.Shared.NextInt64();

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(byte[] name) => GetHashCode(name.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)XxHash3.HashToUInt64(alternate, Seed);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
