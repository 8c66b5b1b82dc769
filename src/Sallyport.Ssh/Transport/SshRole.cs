namespace Sallyport.Ssh.Transport;

/// <summary>Which side of the connection a transport is.</summary>
public enum SshRole
{
    Server,
    Client,
}
