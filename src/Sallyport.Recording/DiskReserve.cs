namespace Sallyport.Recording;

/// <summary>
/// The room kept for sessions that already run: a watermark below which no new session is let in, and a preallocated file that is
/// given up when the device is full all the same (threat 89: a user's own output must not be able to end the recording).
/// </summary>
internal sealed class DiskReserve(string folder, long minimumFree, long reserved)
{
    private readonly string _path = Path.Combine(folder, "reserve");
    private readonly DriveInfo _drive = new(Path.GetFullPath(folder));
    private volatile bool _spent;

    /// <summary>Whether the reserve was given up and not yet won back.</summary>
    public bool IsSpent => _spent;

    /// <summary>Allocates the file if it is not there. A device without even that room counts as spent.</summary>
    public void Prepare()
    {
        if (reserved == 0 || (File.Exists(_path) && new FileInfo(_path).Length == reserved))
            return;
        try
        {
            PrivateFile.Create(_path, FileMode.Create, reserved).Dispose();
            _spent = false;
        }
        catch (IOException)
        {
            File.Delete(_path);
            _spent = true;
        }
    }

    /// <summary>Gives the reserve up; false when there is none left to give.</summary>
    public bool Spend()
    {
        if (_spent || !File.Exists(_path))
            return false;
        _spent = true;
        File.Delete(_path);
        return true;
    }

    /// <summary>Wins the reserve back once the device has room for it above the watermark.</summary>
    public void Recover()
    {
        if (_spent && _drive.AvailableFreeSpace > minimumFree + reserved)
            Prepare();
    }

    /// <summary>Why no new session may start, or null.</summary>
    public string? Refusal()
    {
        if (_spent)
            return "The recording device is full: what is left is kept for sessions that already run. Free some room.";
        var free = _drive.AvailableFreeSpace;
        return free >= minimumFree
            ? null
            : $"The recording device has {free >> 20} MiB free, less than the {minimumFree >> 20} MiB a new session needs. Free some room.";
    }
}
