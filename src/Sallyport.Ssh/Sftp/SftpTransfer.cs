namespace Sallyport.Ssh.Sftp;

/// <summary>
/// What went through one open file; what could move a cursor is escaped in its <see cref="Path"/>. The hashes are of what was carried when
/// that was one run from the first byte on, in order and without an error; null when not, or when there was none.
/// <see cref="IsClosed"/> is false when the channel ended before the file was closed.
/// </summary>
public sealed record SftpTransfer(
    string Path, long BytesRead, long BytesWritten, string? ReadSha256, string? WrittenSha256, bool IsClosed);
