using System.Security.Cryptography;
using Wasmtime;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// The compiled grammar on disk: <c>SHA-256 of what follows (32 bytes) · machine code</c>. The runtime trusts what it loads, so
/// the file is read whole and its hash checked before a byte of it is used. That finds damage, not an attacker who may write the
/// folder: the folder is made private to the user. A file that does not fit is as if there were none.
/// </summary>
internal sealed class GrammarCache
{
    private readonly string _folder;
    private readonly string _path;

    public GrammarCache(string folder, string wasmHash)
    {
        _folder = folder;
        var runtime = typeof(Engine).Assembly.GetName().Version;
        _path = Path.Combine(folder, $"{wasmHash}-{runtime}.cwasm");
    }

    public Module? TryLoad(Engine engine)
    {
        try
        {
            if (!File.Exists(_path))
                return null;
            ReadOnlySpan<byte> file = File.ReadAllBytes(_path);
            if (file.Length <= SHA256.HashSizeInBytes)
                return null;
            var code = file[SHA256.HashSizeInBytes..];
            var hash = file[..SHA256.HashSizeInBytes];
            return CryptographicOperations.FixedTimeEquals(SHA256.HashData(code), hash) ? Module.Deserialize(engine, "grammar", code) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WasmtimeException)
        {
            return null;
        }
    }

    /// <summary>Writes beside and renames, so that a reader meets the old file or the whole new one. Failing costs only time.</summary>
    public void Save(Module module)
    {
        try
        {
            CreateFolder();
            var code = module.Serialize();
            var temporary = $"{_path}.{Guid.NewGuid():N}";
            using (var file = File.Create(temporary))
            {
                file.Write(SHA256.HashData(code));
                file.Write(code);
            }
            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_folder);
        else
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
