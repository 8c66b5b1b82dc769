using System.Text;
using Sallyport.Core;
using Sallyport.Hosting.Configuration;
using Sallyport.Policy;
using Sallyport.Postgres.Sql;
using Sallyport.Ssh.Commands;

namespace Sallyport.Hosting.Assembly;

/// <summary>Gives the policy, which knows no protocol, what it needs of the protocols and of the configuration.</summary>
internal static class PolicyFiles
{
    /// <param name="path">The policy file.</param>
    /// <param name="options">The configuration of the moment, asked at each load.</param>
    /// <param name="sql">Reads the commands of the file's tests.</param>
    public static PolicyHolder Holder(string path, Func<GatewayOptions> options, SqlReader sql) =>
        new(path, (kind, text) => Read(sql, kind, text), () => Context(options()));

    /// <summary>What the configuration lets a policy name.</summary>
    public static PolicyContext Context(GatewayOptions options) => new()
    {
        Resources = options.Resources,
        Verbs = [.. SqlVerbs.All, .. SshVerbs.All],
        // With an identity provider, groups may come that no file names.
        Groups = options.Issuers.IsEmpty ? [.. options.Identity.Groups] : null,
    };

    /// <summary>The facts of a command of the policy's own tests, and of <c>policy explain</c>.</summary>
    public static Facts Read(SqlReader sql, ResourceKind kind, string text) => kind switch
    {
        ResourceKind.Postgres => sql.Read(Encoding.UTF8.GetBytes(text)),
        ResourceKind.Ssh => ExecReader.Read(Encoding.UTF8.GetBytes(text)),
        _ => new Facts([new Effect(EffectKind.Opaque, "unreadable") { Detail = $"commands of {kind} cannot be read by this version" }]),
    };
}
