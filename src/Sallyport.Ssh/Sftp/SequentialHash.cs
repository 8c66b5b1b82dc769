using System.Security.Cryptography;

namespace Sallyport.Ssh.Sftp;

/// <summary>Counts and hashes content that comes in order from offset 0; what comes otherwise is only counted.</summary>
internal sealed class SequentialHash : IDisposable
{
    private IncrementalHash? _hash;
    private bool _isBroken;

    public long Bytes { get; private set; }

    /// <summary>Says where the next bytes belong.</summary>
    public void Seek(ulong offset) => _isBroken |= offset != (ulong)Bytes;

    public void Add(ReadOnlySpan<byte> content)
    {
        Bytes += content.Length;
        if (!_isBroken)
            (_hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256)).AppendData(content);
    }

    /// <summary>What was carried is not what the file has.</summary>
    public void Break() => _isBroken = true;

    /// <summary>In lower-case hex.</summary>
    public string? Finish() => _isBroken || _hash is null ? null : Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <summary>What comes later is only counted.</summary>
    public void Dispose()
    {
        _isBroken = true;
        _hash?.Dispose();
    }
}
