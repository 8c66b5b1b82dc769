using System.Diagnostics.CodeAnalysis;

namespace Sallyport.Ssh.Sftp;

/// <summary>A file or a directory that the target has opened.</summary>
internal sealed class SftpHandle(string path, bool isDirectory) : IDisposable
{
    public string Path => path;

    public SequentialHash Read { get; } = new();

    public SequentialHash Written { get; } = new();

    /// <summary>Null for a directory.</summary>
    public SftpTransfer? Finish(bool isClosed) => isDirectory
        ? null
        : new SftpTransfer(SafeText.Show(path), Read.Bytes, Written.Bytes, Read.Finish(), Written.Finish(), isClosed);

    public void Dispose()
    {
        Read.Dispose();
        Written.Dispose();
    }
}

/// <summary>What is open, by the names that the target gave. Looking one up allocates nothing.</summary>
internal sealed class SftpHandles
{
    /// <summary>More than any server opens for one channel.</summary>
    private const int Most = 1024;

    private readonly Dictionary<byte[], SftpHandle> _open = new(Bytes.Instance);
    private readonly Dictionary<byte[], SftpHandle>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public SftpHandles() => _lookup = _open.GetAlternateLookup<ReadOnlySpan<byte>>();

    public IEnumerable<SftpHandle> Open => _open.Values;

    /// <summary>False when the target gives a name that is in use, or too many.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, SftpHandle handle) =>
        name.Length <= SftpProtocol.LongestHandle && _open.Count < Most && _lookup.TryAdd(name, handle);

    public bool TryFind(ReadOnlySpan<byte> name, [NotNullWhen(true)] out SftpHandle? handle) => _lookup.TryGetValue(name, out handle);

    public void Remove(ReadOnlySpan<byte> name) => _lookup.Remove(name);

    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Bytes Instance = new();

        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public int GetHashCode(byte[] name) => GetHashCode(name.AsSpan());

        public bool Equals(ReadOnlySpan<byte> name, byte[] other) => name.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> name)
        {
            var hash = default(HashCode);
            hash.AddBytes(name);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> name) => name.ToArray();
    }
}
