namespace Sallyport.Ssh.Sftp;

/// <summary>The types of packets of SFTP version 3 (draft-ietf-secsh-filexfer-02 §3).</summary>
public enum SftpType : byte
{
    Init = 1,
    Version = 2,
    Open = 3,
    Close = 4,
    Read = 5,
    Write = 6,
    LStat = 7,
    FStat = 8,
    SetStat = 9,
    FSetStat = 10,
    OpenDir = 11,
    ReadDir = 12,
    Remove = 13,
    MkDir = 14,
    RmDir = 15,
    RealPath = 16,
    Stat = 17,
    Rename = 18,
    ReadLink = 19,
    Symlink = 20,
    Status = 101,
    Handle = 102,
    Data = 103,
    Name = 104,
    Attrs = 105,
    Extended = 200,
    ExtendedReply = 201,
}

/// <summary>Codes of SSH_FXP_STATUS (draft §7).</summary>
public enum SftpStatus : uint
{
    Ok = 0,
    Eof = 1,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    BadMessage = 5,
    OpUnsupported = 8,
}

/// <summary>Sizes, and the flags of SSH_FXP_OPEN.</summary>
internal static class SftpProtocol
{
    public const uint Version = 3;

    /// <summary>OpenSSH's SFTP_MAX_MSG_LENGTH: 256 KiB of data, and what stands around it.</summary>
    public const int LongestPacket = (256 * 1024) + 1024;

    /// <summary>The draft's limit (§6.2) on what a server may call a file.</summary>
    public const int LongestHandle = 256;

    /// <summary>Linux's PATH_MAX.</summary>
    public const int LongestPath = 4096;

    public const int LengthSize = 4;

    public const uint Reads = 0x01;
    public const uint Writes = 0x02;

    /// <summary>APPEND, CREAT, TRUNC: they change something even where WRITE is not said.</summary>
    public const uint Changes = 0x04 | 0x08 | 0x10;
}
