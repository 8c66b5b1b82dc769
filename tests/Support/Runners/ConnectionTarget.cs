using System.Globalization;

namespace Sallyport.Testing.Runners;

/// <summary>Where a client connects: PostgreSQL itself or the gateway before it; the client cannot tell.</summary>
public sealed record ConnectionTarget(string Host, int Port, string User, string Password, string Database)
{
    /// <summary>libpq's words: disable, require, verify-full.</summary>
    public string SslMode { get; init; } = "disable";

    /// <summary>PEM file of the CA that signed the server's certificate.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>libpq's channel_binding: prefer (also when left out), disable, require.</summary>
    public string? ChannelBinding { get; init; }

    /// <summary>libpq's sslnegotiation, from version 17 on: postgres (also when left out), direct.</summary>
    public string? SslNegotiation { get; init; }

    /// <summary>PEM files of a client certificate and its key.</summary>
    public (string Certificate, string Key)? ClientCertificate { get; init; }

    /// <summary>libpq's environment variables, which every client program here reads.</summary>
    public Dictionary<string, string?> ToEnvironment() => new()
    {
        ["PGHOST"] = Host,
        ["PGPORT"] = Port.ToString(CultureInfo.InvariantCulture),
        ["PGUSER"] = User,
        ["PGPASSWORD"] = Password,
        ["PGDATABASE"] = Database,
        ["PGSSLMODE"] = SslMode,
        ["PGSSLROOTCERT"] = RootCertificate,
        ["PGSSLCERT"] = ClientCertificate?.Certificate,
        ["PGCHANNELBINDING"] = ChannelBinding,
        ["PGSSLNEGOTIATION"] = SslNegotiation,
        ["PGSSLKEY"] = ClientCertificate?.Key,
        ["PGGSSENCMODE"] = "disable",
        ["PGCLIENTENCODING"] = "UTF8",
    };

    /// <summary>The same in Npgsql's words, without pooling so that every test owns its connection.</summary>
    public string ToNpgsql() => new Npgsql.NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = User,
        Password = Password,
        Database = Database,
        Pooling = false,
        SslMode = SslMode switch
        {
            "disable" => Npgsql.SslMode.Disable,
            "verify-full" => Npgsql.SslMode.VerifyFull,
            _ => Npgsql.SslMode.Require,
        },
        RootCertificate = RootCertificate,
        SslCertificate = ClientCertificate?.Certificate,
        SslKey = ClientCertificate?.Key,
    }.ConnectionString;
}
