using System.Collections.Frozen;
using Microsoft.AspNetCore.Connections;
using Sallyport.Core;
using Sallyport.Hosting.Configuration;
using Sallyport.Masking.Streams;
using Sallyport.Ssh;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Hosts;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Upstream;

namespace Sallyport.Hosting.Assembly;

/// <summary>The SSH part of a gateway: its host keys, its authority, its targets.</summary>
internal sealed class SshAssembly(GatewayOptions options, ILoggerFactory loggers, TimeProvider time)
{
    private readonly string _folder = Path.Combine(options.Data, "ssh");

    /// <exception cref="StartFailure">A key cannot be read or made.</exception>
    public ConnectionDelegate Serve(GatewayParts parts, ISessionOpener opener, Func<IDisposable, IDisposable> keep)
    {
        var resources = options.Resources.OfType<SshResource>().ToFrozenDictionary(static r => r.Name, StringComparer.Ordinal);
        var keys = HostKeys(keep);
        var connector = new SshConnector(Authority(keep), new RememberedHosts(Path.Combine(_folder, "remembered_hosts")), time,
            loggers.CreateLogger<SshConnector>());
        var services = new SshServices(opener, parts.Identity, parts.Decider, parts.Broker, new StreamMaskers(), connector, new BudgetLedger(time),
            new SshSessionOptions { WrongProofsPerSource = options.Limits.WrongProofsPerSource, AllowsTerrapin = options.Ssh.AllowsTerrapin }, time, loggers);
        var transport = new SshTransportOptions { Role = SshRole.Server, HostKeys = keys };
        return new SshHandler(services, () => transport, name => resources.GetValueOrDefault(name)).OnConnectedAsync;
    }

    private IReadOnlyList<ISigner> HostKeys(Func<IDisposable, IDisposable> keep)
    {
        var keys = Load(() => options.Ssh.HostKeys.IsEmpty
            ? HostKeyFiles.LoadOrCreate(_folder, "sallyport")
            : [.. options.Ssh.HostKeys.Select(HostKeyFiles.Load)]);
        foreach (var key in keys)
            keep(key);
        ISigner[] certified = [.. options.Ssh.HostCertificates.Select(path => Load(() => HostKeyFiles.Certify(path, keys)))];
        return [.. certified, .. keys];
    }

    /// <summary>Certifies the keys of sessions on targets that trust it (<c>TrustedUserCAKeys</c>): data/ssh/user_ca_key.pub.</summary>
    private CertificateAuthority Authority(Func<IDisposable, IDisposable> keep)
    {
        var key = Load(() => HostKeyFiles.LoadOrCreateAuthority(_folder, "sallyport user CA"));
        keep(key);
        return new CertificateAuthority(key, time);
    }

    private T Load<T>(Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PrivateKeyException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the SSH keys under {_folder} cannot be used: {e.Message}",
                "Restore them: clients know the host keys by heart.");
        }
    }
}
