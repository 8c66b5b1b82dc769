using System.Text;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Sftp;

/// <summary>What is to become of a request.</summary>
internal enum SftpCourse : byte
{
    /// <summary>It needs no decision.</summary>
    Pass,

    /// <summary>Policy decides.</summary>
    Decide,

    /// <summary>It is answered here with a status.</summary>
    Answer,
}

/// <summary>A request that was read, without its answer yet.</summary>
internal record struct SftpRequest(SftpType Type, uint Id)
{
    /// <summary>The handle it is about.</summary>
    public SftpHandle? Handle { get; set; }

    /// <summary>Where a READ or a WRITE begins.</summary>
    public ulong Offset { get; set; }

    /// <summary>What an OPEN or an OPENDIR opens.</summary>
    public string? Path { get; set; }

    /// <summary>With <see cref="SftpCourse.Answer"/>.</summary>
    public SftpStatus Status { get; set; }

    public string? Message { get; set; }

    /// <summary>With <see cref="SftpCourse.Decide"/>.</summary>
    public SftpOperation? Operation { get; set; }
}

/// <summary>Reads requests other than INIT and WRITE, whole. Allocates for what needs a decision only.</summary>
internal static class SftpRequestReader
{
    /// <summary>Extensions that are let through. Others are neither announced nor forwarded.</summary>
    private static readonly HashSet<string> Extensions = new(
    [
        "posix-rename@openssh.com", "statvfs@openssh.com", "fstatvfs@openssh.com", "hardlink@openssh.com", "fsync@openssh.com",
        "lsetstat@openssh.com", "limits@openssh.com", "expand-path@openssh.com", "copy-data", "home-directory",
        "users-groups-by-id@openssh.com",
    ], StringComparer.Ordinal);

    public static bool IsKnownExtension(ReadOnlySpan<byte> name) => Extensions.Contains(Encoding.Latin1.GetString(name));

    /// <param name="packet">The packet, with its length; it has an id.</param>
    /// <param name="handles">What is open.</param>
    /// <param name="request">The request.</param>
    public static SftpCourse Read(ReadOnlySpan<byte> packet, SftpHandles handles, out SftpRequest request)
    {
        var type = (SftpType)packet[SftpProtocol.LengthSize];
        var reader = new SshReader(packet[(SftpProtocol.LengthSize + 1)..]);
        request = new SftpRequest(type, 0);
        reader.TryReadUInt32(out var id);
        request.Id = id;
        switch (type)
        {
            case SftpType.Close or SftpType.Read or SftpType.FStat or SftpType.ReadDir:
                if (!TryReadHandle(ref reader, handles, ref request))
                    return SftpCourse.Answer;
                if (type != SftpType.Read)
                    return SftpCourse.Pass;
                if (!reader.TryReadUInt64(out var offset))
                    return Malformed(ref request);
                request.Offset = offset;
                return SftpCourse.Pass;
            case SftpType.FSetStat:
                if (!TryReadHandle(ref reader, handles, ref request))
                    return SftpCourse.Answer;
                return Decide(ref request, SftpOperation.EffectOn(SshVerbs.SftpSetstat, PathOf(request.Handle!)));
            case SftpType.Open:
                return Open(ref reader, ref request);
            case SftpType.OpenDir:
                return OnPath(ref reader, ref request, SshVerbs.SftpList);
            case SftpType.LStat or SftpType.Stat or SftpType.ReadLink:
                return OnPath(ref reader, ref request, SshVerbs.SftpList);
            case SftpType.RealPath:
                // Every client asks where it is.
                var isHere = reader.Rest.SequenceEqual("\0\0\0\u0001."u8) || reader.Rest.SequenceEqual("\0\0\0\0"u8);
                return isHere ? SftpCourse.Pass : OnPath(ref reader, ref request, SshVerbs.SftpList);
            case SftpType.SetStat:
                return OnPath(ref reader, ref request, SshVerbs.SftpSetstat);
            case SftpType.Remove or SftpType.RmDir:
                return OnPath(ref reader, ref request, SshVerbs.SftpRemove);
            case SftpType.MkDir:
                return OnPath(ref reader, ref request, SshVerbs.SftpMkdir);
            case SftpType.Rename:
                return OnPaths(ref reader, ref request, SshVerbs.SftpRename);
            case SftpType.Symlink:
                return Symlink(ref reader, ref request);
            case SftpType.Extended:
                return Extended(ref reader, handles, ref request);
            default:
                return Answer(ref request, SftpStatus.OpUnsupported, "the operation is not supported");
        }
    }

    /// <summary>A path that was not UTF-8 when it was opened is not one now.</summary>
    private static byte[] PathOf(SftpHandle handle) =>
        handle.Path.Contains('\uFFFD', StringComparison.Ordinal) ? [0xFF] : Encoding.UTF8.GetBytes(handle.Path);

    private static SftpCourse Open(ref SshReader reader, ref SftpRequest request)
    {
        if (!reader.TryReadString(out var raw) || !reader.TryReadUInt32(out var flags))
            return Malformed(ref request);
        var path = raw.ToArray();
        request.Path = Encoding.UTF8.GetString(path);
        var writes = (flags & (SftpProtocol.Writes | SftpProtocol.Changes)) != 0;
        // Servers open for reading what says neither.
        var reads = (flags & SftpProtocol.Reads) != 0 || (flags & SftpProtocol.Writes) == 0;
        var read = SftpOperation.EffectOn(SshVerbs.SftpRead, path);
        var write = SftpOperation.EffectOn(SshVerbs.SftpWrite, path);
        request.Operation = (reads, writes) switch
        {
            (true, true) => new SftpOperation(request.Type, read, write),
            (true, false) => new SftpOperation(request.Type, read),
            _ => new SftpOperation(request.Type, write),
        };
        return SftpCourse.Decide;
    }

    private static SftpCourse Extended(ref SshReader reader, SftpHandles handles, ref SftpRequest request)
    {
        if (!reader.TryReadString(out var name))
            return Malformed(ref request);
        switch (Encoding.Latin1.GetString(name))
        {
            case "posix-rename@openssh.com":
                return OnPaths(ref reader, ref request, SshVerbs.SftpRename);
            case "hardlink@openssh.com":
                return OnPaths(ref reader, ref request, SshVerbs.SftpSymlink);
            case "statvfs@openssh.com":
                return OnPath(ref reader, ref request, SshVerbs.SftpList);
            case "lsetstat@openssh.com":
                return OnPath(ref reader, ref request, SshVerbs.SftpSetstat);
            case "fstatvfs@openssh.com" or "fsync@openssh.com":
                return TryReadHandle(ref reader, handles, ref request) ? SftpCourse.Pass : SftpCourse.Answer;
            case "limits@openssh.com":
                return SftpCourse.Pass;
            case "copy-data":
                return CopyData(ref reader, handles, ref request);
            case "expand-path@openssh.com" or "home-directory" or "users-groups-by-id@openssh.com":
                // They are about users, or about paths that only the target can know.
                return Decide(ref request, new Effect(SshVerbs.KindOf(SshVerbs.SftpList), SshVerbs.SftpList));
            default:
                return Answer(ref request, SftpStatus.OpUnsupported, "the extension is not supported");
        }
    }

    /// <summary>Both files were opened, and so decided.</summary>
    private static SftpCourse CopyData(ref SshReader reader, SftpHandles handles, ref SftpRequest request)
    {
        if (!TryReadHandle(ref reader, handles, ref request))
            return SftpCourse.Answer;
        if (!reader.TryReadUInt64(out _) || !reader.TryReadUInt64(out _))
            return Malformed(ref request);
        if (!TryReadHandle(ref reader, handles, ref request))
            return SftpCourse.Answer;
        // Its content did not come through here.
        request.Handle!.Written.Break();
        return SftpCourse.Pass;
    }

    /// <summary>OpenSSH sends the target and then the link, against the draft; a target that is relative begins at the link.</summary>
    private static SftpCourse Symlink(ref SshReader reader, ref SftpRequest request)
    {
        if (!reader.TryReadString(out var target) || !reader.TryReadString(out var link))
            return Malformed(ref request);
        var slash = link.LastIndexOf((byte)'/');
        byte[] resolved = target.StartsWith("/"u8) || slash < 0 ? target.ToArray() : [.. link[..(slash + 1)], .. target];
        return Decide(ref request, SftpOperation.EffectOn(SshVerbs.SftpSymlink, resolved, link.ToArray()));
    }

    private static SftpCourse OnPath(ref SshReader reader, ref SftpRequest request, string verb)
    {
        if (!reader.TryReadString(out var path))
            return Malformed(ref request);
        if (request.Type == SftpType.OpenDir)
            request.Path = Encoding.UTF8.GetString(path);
        return Decide(ref request, SftpOperation.EffectOn(verb, path.ToArray()));
    }

    private static SftpCourse OnPaths(ref SshReader reader, ref SftpRequest request, string verb)
    {
        if (!reader.TryReadString(out var first) || !reader.TryReadString(out var second))
            return Malformed(ref request);
        return Decide(ref request, SftpOperation.EffectOn(verb, first.ToArray(), second.ToArray()));
    }

    /// <summary>A handle that the target did not give, or that was closed, is refused here.</summary>
    private static bool TryReadHandle(ref SshReader reader, SftpHandles handles, ref SftpRequest request)
    {
        if (!reader.TryReadString(out var name))
            Malformed(ref request);
        else if (handles.TryFind(name, out var handle))
        {
            request.Handle = handle;
            return true;
        }
        else
            Answer(ref request, SftpStatus.Failure, "the handle is not open");
        return false;
    }

    private static SftpCourse Decide(ref SftpRequest request, Effect effect)
    {
        request.Operation = new SftpOperation(request.Type, effect);
        return SftpCourse.Decide;
    }

    private static SftpCourse Malformed(ref SftpRequest request) => Answer(ref request, SftpStatus.BadMessage, "the packet is malformed");

    private static SftpCourse Answer(ref SftpRequest request, SftpStatus status, string message)
    {
        (request.Status, request.Message) = (status, message);
        return SftpCourse.Answer;
    }
}
