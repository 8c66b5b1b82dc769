using System.Collections.Frozen;
using Sallyport.Core;
using Sallyport.Policy.Yaml;
using Sallyport.Postgres;

namespace Sallyport.Hosting.Configuration;

/// <summary>The words of <c>attachedCode</c>: code that tables and views run by themselves and that cannot be read.</summary>
internal enum AttachedCodeMode : byte
{
    Lent,
    Opaque,
}

/// <summary>One item of <c>resources:</c>.</summary>
internal sealed class ResourceSection
{
    private const int LongestName = 63;
    private static readonly string[] NotBuilt = ["kubernetes", "http"];

    /// <summary>The words of libpq's sslmode, which are not an enum's usual spelling.</summary>
    private static readonly FrozenDictionary<string, UpstreamTls> TlsModes = new Dictionary<string, UpstreamTls>
    {
        ["disable"] = UpstreamTls.Disable,
        ["prefer"] = UpstreamTls.Prefer,
        ["require"] = UpstreamTls.Require,
        ["verify-ca"] = UpstreamTls.VerifyCa,
        ["verify-full"] = UpstreamTls.VerifyFull,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly BasePath _paths;
    private readonly RecordingOptions _recording;

    public ResourceSection(BasePath paths, RecordingOptions recording)
    {
        _paths = paths;
        _recording = recording;
    }

    /// <summary>Null when it is wrong; then that was reported.</summary>
    public Resource? Read(YamlMap map)
    {
        var name = ReadName(map);
        var labels = ReadLabels(map.Map("labels"));
        foreach (var key in NotBuilt)
        {
            if (map.Find(key) is { } node)
                node.Problems.Error(node, "this build does not speak that protocol yet; remove the resource.");
        }
        var (postgres, ssh) = (map.Map("postgres"), map.Map("ssh"));
        if (postgres is null == ssh is null)
            map.Problems.Error(map, "is one thing: needs either postgres or ssh.");
        Resource? resource = postgres is not null
            ? ReadPostgres(name ?? "", labels, postgres)
            : ssh is not null ? new SshSection(_paths, _recording).Read(name ?? "", labels, ssh) : null;
        map.RefuseOthers();
        return name is null ? null : resource;
    }

    /// <summary>Clients say the name as the database; PostgreSQL's names have 63 bytes, and lists and paths must not be broken.</summary>
    private static string? ReadName(YamlMap map)
    {
        var name = map.RequireText("name");
        if (name is null || (name.Length <= LongestName && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') &&
            name[0] != '.'))
            return name;
        map.Problems.Error(map.Find("name")!, $"must be 1 to {LongestName} letters, digits, - _ or . and not begin with a dot.");
        return null;
    }

    private static FrozenDictionary<string, string> ReadLabels(YamlMap? labels) =>
        (labels?.Entries ?? []).Select(static e => (e.Key.Value, Text: e.Value.AsText())).Where(static e => e.Text is not null)
            .ToFrozenDictionary(static e => e.Value, static e => e.Text!, StringComparer.Ordinal);

    private PostgresResource? ReadPostgres(string name, FrozenDictionary<string, string> labels, YamlMap map)
    {
        var upstream = map.Require("upstream");
        var (host, port) = upstream?.AsText() is { } text ? UpstreamAddress.Parse(upstream, text, 5432) : ("", 0);
        var resource = new PostgresResource(name, labels)
        {
            Host = host,
            Port = port,
            Database = map.Text("database") ?? name,
            User = map.RequireText("user") ?? "",
            Password = _paths.Secret(map, "password"),
            Tls = ReadTls(map) ?? DefaultTls(host),
            CertificateAuthority = _paths.Optional(map, "ca"),
            ClientCertificate = _paths.Optional(map, "clientCertificate"),
            ClientKey = _paths.Optional(map, "clientKey"),
            RecordReads = map.Choice<Durability>("recordReads") ?? _recording.Reads,
            RecordWrites = map.Choice<Durability>("recordWrites") ?? _recording.Writes,
            Trust = new CodeTrust(
                [.. map.Items("functions").Select(ReadFunction).OfType<NamePattern>()],
                map.Choice<AttachedCodeMode>("attachedCode") != AttachedCodeMode.Opaque),
        };
        if (resource.ClientCertificate is null != (resource.ClientKey is null))
            map.Problems.Error(map, "needs both clientCertificate and clientKey, or neither.");
        map.RefuseOthers();
        return resource;
    }

    /// <summary>A pattern for functions; one that means all of them would take whatever the database runs for harmless.</summary>
    private static NamePattern? ReadFunction(YamlNode node)
    {
        if (node.AsText() is not { } text)
            return null;
        var pattern = NamePattern.Parse(text, allows: false);
        if (pattern is null || NamePattern.SplitQuoted(text)!.Value.Length != 2)
            node.Problems.Error(node, $"\"{text}\" is not schema.name. Put a part with odd characters in double quotes.");
        else if (pattern.Schema.IsAny)
            node.Problems.Error(node, $"\"{text}\" leaves the schema open, where anybody may make a function of that name. Write the schema.");
        else
            return pattern;
        return null;
    }

    private static UpstreamTls? ReadTls(YamlMap map)
    {
        if (map.Find("tls") is not { } node)
            return null;
        if (node is YamlScalar scalar && TlsModes.TryGetValue(scalar.Value, out var mode))
            return mode;
        node.RefuseChoice([.. TlsModes.Keys.Order(StringComparer.Ordinal)]);
        return null;
    }

    /// <summary>Safe unless said otherwise: only what does not leave the machine may go without a checked certificate.</summary>
    private static UpstreamTls DefaultTls(string host) =>
        host.StartsWith('/') || host is "localhost" ||
            (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address))
            ? UpstreamTls.Prefer
            : UpstreamTls.VerifyFull;
}
