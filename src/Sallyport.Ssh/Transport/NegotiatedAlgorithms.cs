namespace Sallyport.Ssh.Transport;

/// <summary>What the last key exchange agreed on. The MAC of a cipher that has its own is empty.</summary>
public sealed record NegotiatedAlgorithms(
    string Kex, string HostKey, string CipherToServer, string CipherToClient, string MacToServer, string MacToClient);
