using System.Security.Cryptography;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// A secret in a file, read again at each use. There is none when the file is missing, unreadable, empty or longer than 64 KiB.
/// </summary>
public sealed class FileCredential : ICredentialSource
{
    private readonly string _path;

    public FileCredential(string path) => _path = path;

    public string Description => "file:" + _path;

    /// <summary>What is unsafe about the file, for the log; null when nothing is, or it is not there.</summary>
    public string? Warning
    {
        get
        {
            const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
            if (OperatingSystem.IsWindows() || !File.Exists(_path))
                return null;
            return (File.GetUnixFileMode(_path) & Others) == 0
                ? null
                : $"{Description} can be read or written by others; make its mode 0600";
        }
    }

    public CredentialHandle? Open()
    {
        var buffer = new byte[CredentialSources.MaxLength + 1];
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var value = CredentialSources.TrimNewline(buffer.AsSpan(0, length));
            return length > CredentialSources.MaxLength || value.IsEmpty ? null : new CredentialHandle(value.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
