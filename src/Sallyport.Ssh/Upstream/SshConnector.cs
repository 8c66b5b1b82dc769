using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Hosts;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Upstream;

/// <summary>
/// Opens connections to targets in two steps: dialling, keys and the host's proof, which may run while the client still authenticates;
/// then the log-in with the gateway's own credential, which waits until the client is known. Thread-safe.
/// </summary>
/// <param name="authority">Certifies the keys of sessions; null where no resource wants it.</param>
/// <param name="hosts">Remembers hosts that are trusted on first use.</param>
/// <param name="time">For deadlines and validity.</param>
/// <param name="log">Hears what went wrong in the target's own words.</param>
public sealed partial class SshConnector(CertificateAuthority? authority, RememberedHosts hosts, TimeProvider time, ILogger<SshConnector> log)
{
    private static readonly TimeSpan CertificateValidity = TimeSpan.FromMinutes(5);
    private static readonly IReadOnlyList<string> WithLegacyKex = [.. SshAlgorithms.Kex, .. SshAlgorithms.LegacyKex];

    /// <summary>Dials, exchanges keys and verifies the host. Never throws; no credential is sent.</summary>
    public async Task<(SshFault Fault, SshUpstream? Upstream)> DialAsync(SshResource resource, SocketLoop? loop, CancellationToken cancellationToken)
    {
        SshUpstream? upstream = null;
        try
        {
            var socket = await Dialer.TcpAsync(resource.Host, resource.Port, loop ?? SocketLoops.Next(), cancellationToken);
            var options = new SshTransportOptions
            {
                Role = SshRole.Client,
                HostKeyVerifier = new TrustedHostKeys(resource.Host, resource.HostKeys, time, resource.TrustsFirstUse ? key => IsFirst(resource, key) : null),
                Kex = resource.IsLegacy ? WithLegacyKex : SshAlgorithms.Kex,
            };
            upstream = new SshUpstream(socket, new SshTransport(socket, options, time));
            var outcome = await upstream.Transport.StartAsync(cancellationToken);
            if (outcome == SshOutcome.Open)
            {
                var opened = upstream;
                upstream = null;
                return (SshFault.None, opened);
            }
            LogNotStarted(resource.Name, outcome, upstream.Transport.OutcomeText);
            return (FaultOf(outcome), null);
        }
        catch (OperationCanceledException)
        {
            LogTimedOut(resource.Name);
            return (SshFault.TimedOut, null);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or ObjectDisposedException)
        {
            LogUnreachable(resource.Name, resource.Host, resource.Port, e.Message);
            return (SshFault.Unreachable, null);
        }
        finally
        {
            if (upstream is not null)
                await upstream.DisposeAsync();
        }
    }

    /// <summary>Logs in. Never throws; the connection is the caller's to close when it failed.</summary>
    /// <param name="upstream">Dialled.</param>
    /// <param name="resource">As whom, and by what.</param>
    /// <param name="session">For whom: the key id of a certificate says it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask<SshFault> LogInAsync(SshUpstream upstream, SshResource resource, Core.Session session, CancellationToken cancellationToken)
    {
        IssuedCertificate? issued = null;
        PrivateKeySigner? key = null;
        try
        {
            List<ISigner> signers = [];
            if (resource.UsesCertificate && authority is not null)
            {
                issued = authority.IssueUser($"sallyport:{session.Principal.Name}:{session.Id}", [resource.User], CertificateValidity);
                signers.Add(issued.Signer);
            }
            if (resource.PrivateKey is not null)
                signers.Add(key = Load(resource));
            var credentials = new ClientCredentials { User = resource.User, Signers = signers, Password = resource.Password };
            var result = await new ClientAuthentication(upstream.Transport, credentials).RunAsync(cancellationToken);
            if (result.IsAccepted)
                return SshFault.None;
            LogRefused(resource.Name, result.Fault!);
            return LoginFaultOf(upstream.Transport.Outcome);
        }
        catch (PrivateKeyException e)
        {
            LogNoCredential(resource.Name, e.Message);
            return SshFault.NoCredential;
        }
        catch (OperationCanceledException)
        {
            LogTimedOut(resource.Name);
            return SshFault.TimedOut;
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or ObjectDisposedException or ArgumentException)
        {
            LogRefused(resource.Name, e.Message);
            return LoginFaultOf(upstream.Transport.Outcome);
        }
        finally
        {
            issued?.Dispose();
            key?.Dispose();
        }
    }

    private static PrivateKeySigner Load(SshResource resource)
    {
        using var text = resource.PrivateKey!.Open() ?? throw new PrivateKeyException($"{resource.PrivateKey.Description} cannot be read");
        if (resource.Passphrase is null)
            return PrivateKeySigner.Load(text.Value);
        using var passphrase = resource.Passphrase.Open() ?? throw new PrivateKeyException($"{resource.Passphrase.Description} cannot be read");
        return PrivateKeySigner.Load(text.Value, System.Text.Encoding.UTF8.GetString(passphrase.Value));
    }

    private bool IsFirst(SshResource resource, PublicKey key)
    {
        var isKnown = hosts.IsKnown(resource.Name, key, out var isNew);
        if (isNew)
            LogFirstUse(resource.Name, key.Fingerprint);
        return isKnown;
    }

    private static SshFault FaultOf(SshOutcome outcome) => outcome switch
    {
        SshOutcome.HostKeyRefused => SshFault.HostKeyRefused,
        SshOutcome.KexTimeout => SshFault.TimedOut,
        SshOutcome.PeerGone => SshFault.Unreachable,
        _ => SshFault.KeyExchangeFailed,
    };

    private static SshFault LoginFaultOf(SshOutcome outcome) => outcome switch
    {
        SshOutcome.PeerGone => SshFault.Unreachable,
        SshOutcome.PeerViolation => SshFault.KeyExchangeFailed,
        _ => SshFault.LoginRefused,
    };

    [LoggerMessage(2320, LogLevel.Warning, "{Resource}: {Host}:{Port} cannot be reached: {Reason}")]
    private partial void LogUnreachable(string resource, string host, int port, string reason);

    [LoggerMessage(2321, LogLevel.Warning, "{Resource}: the target did not answer in time")]
    private partial void LogTimedOut(string resource);

    [LoggerMessage(2322, LogLevel.Error, "{Resource}: no connection ({Outcome}): {Reason}")]
    private partial void LogNotStarted(string resource, SshOutcome outcome, string reason);

    [LoggerMessage(2323, LogLevel.Error, "{Resource}: the target refused the gateway: {Reason}")]
    private partial void LogRefused(string resource, string reason);

    [LoggerMessage(2324, LogLevel.Error, "{Resource}: the gateway's credential cannot be used: {Reason}")]
    private partial void LogNoCredential(string resource, string reason);

    [LoggerMessage(2325, LogLevel.Warning, "{Resource}: trusted on first use: host key {Fingerprint}")]
    private partial void LogFirstUse(string resource, string fingerprint);
}
