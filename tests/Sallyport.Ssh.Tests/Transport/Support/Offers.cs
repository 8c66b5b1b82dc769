using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>Every way to protect packets, and every key exchange with each.</summary>
public static class Offers
{
    public static TheoryData<string, string> Protections
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var cipher in SshAlgorithms.Ciphers)
            {
                foreach (var mac in cipher.EndsWith("-ctr", StringComparison.Ordinal) ? SshAlgorithms.Macs : [""])
                    all.Add(cipher, mac);
            }
            return all;
        }
    }

    public static TheoryData<string, string, string> All
    {
        get
        {
            var all = new TheoryData<string, string, string>();
            foreach (var kex in SshAlgorithms.Kex)
            {
                foreach (var protection in Protections)
                    all.Add(kex, (string)protection[0], (string)protection[1]);
            }
            return all;
        }
    }

    public static SshTransportOptions With(this SshTransportOptions options, string kex = "", string cipher = "", string mac = "") =>
        options with
        {
            Kex = kex.Length > 0 ? [kex] : options.Kex,
            Ciphers = cipher.Length > 0 ? [cipher] : options.Ciphers,
            Macs = mac.Length > 0 ? [mac] : options.Macs,
        };
}
