namespace Sallyport.Ssh.Wire;

/// <summary>The first byte of every message (RFC 4250 §4.1, RFC 8308 §2.3). 30–49 belong to the key exchange in use.</summary>
public enum MessageNumber : byte
{
    Disconnect = 1,
    Ignore = 2,
    Unimplemented = 3,
    Debug = 4,
    ServiceRequest = 5,
    ServiceAccept = 6,
    ExtInfo = 7,
    NewCompress = 8,

    KexInit = 20,
    NewKeys = 21,

    /// <summary>SSH_MSG_KEX_ECDH_INIT (RFC 5656 §7.1) and SSH_MSG_KEX_HYBRID_INIT.</summary>
    KexInitial = 30,

    /// <summary>SSH_MSG_KEX_ECDH_REPLY and SSH_MSG_KEX_HYBRID_REPLY.</summary>
    KexReply = 31,

    UserAuthRequest = 50,
    UserAuthFailure = 51,
    UserAuthSuccess = 52,
    UserAuthBanner = 53,

    /// <summary>SSH_MSG_USERAUTH_PK_OK, PASSWD_CHANGEREQ and INFO_REQUEST share the number; the method in use decides.</summary>
    UserAuthMethod = 60,
    UserAuthInfoResponse = 61,

    GlobalRequest = 80,
    RequestSuccess = 81,
    RequestFailure = 82,

    ChannelOpen = 90,
    ChannelOpenConfirmation = 91,
    ChannelOpenFailure = 92,
    ChannelWindowAdjust = 93,
    ChannelData = 94,
    ChannelExtendedData = 95,
    ChannelEof = 96,
    ChannelClose = 97,
    ChannelRequest = 98,
    ChannelSuccess = 99,
    ChannelFailure = 100,
}
