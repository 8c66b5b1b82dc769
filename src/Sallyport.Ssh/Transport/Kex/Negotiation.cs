namespace Sallyport.Ssh.Transport.Kex;

/// <summary>Chooses the algorithms (RFC 4253 §7.1): the client's first that the server has.</summary>
internal static class Negotiation
{
    /// <param name="client">The client's offer.</param>
    /// <param name="server">The server's.</param>
    /// <param name="missing">What they have nothing in common for; empty when all was found.</param>
    /// <returns>Null when something is missing.</returns>
    public static NegotiatedAlgorithms? Choose(KexInit client, KexInit server, out string missing)
    {
        missing = "";
        var kex = First(client.Kex, server.Kex, "key exchange", ref missing);
        var hostKey = First(client.HostKeys, server.HostKeys, "host key algorithm", ref missing);
        var cipherToServer = First(client.CiphersToServer, server.CiphersToServer, "cipher", ref missing);
        var cipherToClient = First(client.CiphersToClient, server.CiphersToClient, "cipher", ref missing);
        var macToServer = Mac(cipherToServer, client.MacsToServer, server.MacsToServer, ref missing);
        var macToClient = Mac(cipherToClient, client.MacsToClient, server.MacsToClient, ref missing);
        First(client.CompressionToServer, server.CompressionToServer, "compression", ref missing);
        First(client.CompressionToClient, server.CompressionToClient, "compression", ref missing);
        return missing.Length > 0 ? null : new(kex, hostKey, cipherToServer, cipherToClient, macToServer, macToClient);
    }

    /// <summary>Whether a packet sent on the guess that the other side prefers the same is of use.</summary>
    public static bool IsGuessRight(KexInit one, KexInit other) => one.Kex[0] == other.Kex[0] && one.HostKeys[0] == other.HostKeys[0];

    private static string Mac(string cipher, IReadOnlyList<string> client, IReadOnlyList<string> server, ref string missing) =>
        cipher.Length > 0 && Ciphers.CipherSuite.Of(cipher).HasOwnTag ? "" : First(client, server, "MAC", ref missing);

    private static string First(IReadOnlyList<string> client, IReadOnlyList<string> server, string kind, ref string missing)
    {
        foreach (var name in client)
        {
            // The names of extensions differ between client and server, but a peer may send ours back.
            if (server.Contains(name) && !name.StartsWith("ext-info-", StringComparison.Ordinal)
                && !name.StartsWith("kex-strict-", StringComparison.Ordinal))
                return name;
        }
        if (missing.Length == 0)
            missing = kind;
        return "";
    }
}
