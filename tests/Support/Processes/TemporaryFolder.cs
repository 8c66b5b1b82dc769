namespace Sallyport.Testing.Processes;

/// <summary>A fresh folder that is removed on dispose, or by the reaper when the run was cut short.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string kind)
    {
        FullPath = Directory.CreateTempSubdirectory($"sallyport-{kind}-").FullName;
        Reaper.RemoveLater(FullPath);
    }

    public string FullPath { get; }

    public string this[string name] => Path.Combine(FullPath, name);

    public void Dispose()
    {
        if (Directory.Exists(FullPath))
            Directory.Delete(FullPath, recursive: true);
    }
}
