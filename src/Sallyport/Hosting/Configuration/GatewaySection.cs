using System.Collections.Immutable;
using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Identity;
using Sallyport.Policy.Yaml;

namespace Sallyport.Hosting.Configuration;

/// <summary>The top of sallyport.yaml. What it answers is used only when nothing was reported.</summary>
internal sealed class GatewaySection
{
    private readonly BasePath _paths;

    public GatewaySection(BasePath paths) => _paths = paths;

    public GatewayOptions Read(YamlMap root)
    {
        var data = _paths.Resolve(root.Text("data") ?? "./data");
        var recording = ReadRecording(root.Map("recording"));
        var identity = root.Map("identity");
        var options = new GatewayOptions
        {
            File = _paths.File,
            Data = data,
            Policy = _paths.Resolve(root.Text("policy") ?? ConfigurationFile.DefaultPolicy),
            Listen = new ListenSection(_paths).Read(root.Require("listen")?.AsMap(), data),
            Certificate = ReadTls(root.Map("tls")),
            Identity = new IdentitySection(_paths).Read(identity),
            Issuers = IdentitySection.ReadIssuers(identity),
            Resources = ReadResources(root, recording),
            Admins = root.Has("admins") ? root.Texts("admins") : ["admin"],
            Limits = ReadLimits(root.Map("limits")),
            Recording = recording,
            Ssh = ReadSsh(root.Map("ssh")),
            Webhook = ReadWebhook(root.Map("webhook")),
            ShutdownDeadline = root.Duration("shutdown", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? TimeSpan.FromSeconds(10),
        };
        identity?.RefuseOthers();
        root.RefuseOthers();
        return options;
    }

    private CertificateFiles? ReadTls(YamlMap? tls)
    {
        if (tls is null)
            return null;
        var (certificate, key) = (_paths.Optional(tls, "certificate"), _paths.Optional(tls, "key"));
        tls.RefuseOthers();
        if (certificate is not null && key is not null)
            return new CertificateFiles(certificate, key);
        tls.Problems.Error(tls, "needs both certificate and key; leave tls out and the gateway makes its own.");
        return null;
    }

    private ImmutableArray<Resource> ReadResources(YamlMap root, RecordingOptions recording)
    {
        var section = new ResourceSection(_paths, recording);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var resources = ImmutableArray.CreateBuilder<Resource>();
        foreach (var item in root.Items("resources"))
        {
            if (item.AsMap() is not { } map || section.Read(map) is not { } resource)
                continue;
            if (names.Add(resource.Name))
                resources.Add(resource);
            else
                item.Problems.Error(item, $"a resource named \"{resource.Name}\" is there already.");
        }
        if (!root.Has("resources"))
            root.Require("resources");
        return resources.ToImmutable();
    }

    private static LimitOptions ReadLimits(YamlMap? limits)
    {
        var defaults = new LimitOptions();
        if (limits is null)
            return defaults;
        var read = new LimitOptions
        {
            Sessions = limits.Integer("sessions", 1, 1_000_000) ?? defaults.Sessions,
            ConnectionsPerSource = limits.Integer("connectionsPerSource", 1, 1_000_000) ?? defaults.ConnectionsPerSource,
            WrongProofsPerSource = limits.Integer("wrongProofsPerSource", 1, 1_000_000) ?? defaults.WrongProofsPerSource,
            StartupDeadline = limits.Duration("startupDeadline", TimeSpan.FromSeconds(1),
                TimeSpan.FromMinutes(5)) ?? defaults.StartupDeadline,
        };
        limits.RefuseOthers();
        return read;
    }

    private static RecordingOptions ReadRecording(YamlMap? recording)
    {
        var defaults = new RecordingOptions();
        if (recording is null)
            return defaults;
        var read = new RecordingOptions
        {
            RingBytes = recording.Bytes("ring", 1 << 20, 16L << 30) ?? defaults.RingBytes,
            SegmentBytes = recording.Bytes("segment", 1 << 20, 64L << 30) ?? defaults.SegmentBytes,
            WatermarkBytes = recording.Bytes("watermark", 0, 1L << 50) ?? defaults.WatermarkBytes,
            Reads = recording.Choice<Durability>("reads") ?? defaults.Reads,
            Writes = recording.Choice<Durability>("writes") ?? defaults.Writes,
        };
        recording.RefuseOthers();
        return read;
    }

    private SshServerOptions ReadSsh(YamlMap? ssh)
    {
        if (ssh is null)
            return new SshServerOptions();
        var read = new SshServerOptions
        {
            HostKeys = [.. ssh.Texts("hostKeys").Select(_paths.ResolveFile)],
            HostCertificates = [.. ssh.Texts("hostCertificates").Select(_paths.ResolveFile)],
            AllowsTerrapin = ssh.Flag("allowTerrapin") ?? false,
        };
        ssh.RefuseOthers();
        return read;
    }

    private WebhookOptions? ReadWebhook(YamlMap? webhook)
    {
        if (webhook is null)
            return null;
        var url = webhook.Require("url");
        var secret = _paths.Secret(webhook, "secret");
        var isWhole = webhook.Flag("includeText") ?? false;
        webhook.RefuseOthers();
        if (url?.AsText() is not { } text)
            return null;
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var uri) &&
            (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
        if (!isUrl)
            url.Problems.Error(url, "must be an https URL (http only to this machine).");
        if (secret is null)
            webhook.Problems.Error(webhook, "needs a secret that signs what is sent: env:NAME or file:PATH holding whsec_… .");
        return isUrl && secret is not null ? new WebhookOptions { Url = uri!, Secret = secret, IncludeText = isWhole } : null;
    }
}
