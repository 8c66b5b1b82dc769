using System.Collections.Frozen;
using Sallyport.Core;
using Sallyport.Policy.Yaml;
using Sallyport.Ssh;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Keys.Hosts;

namespace Sallyport.Hosting.Configuration;

/// <summary><c>ssh:</c> of a resource.</summary>
internal sealed class SshSection(BasePath paths, RecordingOptions recording)
{
    public SshResource Read(string name, FrozenDictionary<string, string> labels, YamlMap map)
    {
        var upstream = map.Require("upstream");
        var (host, port) = upstream?.AsText() is { } text ? UpstreamAddress.Parse(upstream, text, 22) : ("", 0);
        if (host.StartsWith('/'))
            upstream!.Problems.Error(upstream, "must be a host; SSH is not spoken over Unix sockets.");
        var resource = new SshResource(name, labels)
        {
            Host = host,
            Port = port,
            User = map.RequireText("user") ?? "",
            PrivateKey = paths.Secret(map, "privateKey"),
            Passphrase = paths.Secret(map, "passphrase"),
            Password = paths.Secret(map, "password"),
            UsesCertificate = map.Flag("certificate") ?? false,
            HostKeys = ReadHostKeys(map),
            TrustsFirstUse = map.Flag("trustOnFirstUse") ?? false,
            Shell = map.Choice<TargetShell>("shell") ?? TargetShell.Posix,
            IsLegacy = map.Flag("legacy") ?? false,
            RecordsInput = map.Flag("recordInput") ?? true,
            RecordReads = map.Choice<Durability>("recordReads") ?? recording.Reads,
            RecordWrites = map.Choice<Durability>("recordWrites") ?? recording.Writes,
        };
        if (resource is { PrivateKey: null, Password: null, UsesCertificate: false })
            map.Problems.Error(map, "needs a privateKey, a password, or certificate: true.");
        if (resource.HostKeys is { Keys.Count: 0, Authorities.Count: 0 } && !resource.TrustsFirstUse && !map.Has("hostKey"))
            map.Problems.Error(map, "needs hostKey: what ssh-keyscan prints behind the host, or \"@cert-authority \" and an authority's key. Nothing is trusted unseen, but with trustOnFirstUse: true.");
        map.RefuseOthers();
        return resource;
    }

    private static HostKeyList ReadHostKeys(YamlMap map)
    {
        var lines = map.Texts("hostKey");
        if (HostKeyList.TryParse(lines, out var keys, out var fault))
            return keys;
        map.Find("hostKey")!.Problems.Error(map.Find("hostKey")!, fault + ".");
        return HostKeyList.Empty;
    }
}
