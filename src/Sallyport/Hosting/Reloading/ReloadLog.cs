namespace Sallyport.Hosting.Reloading;

/// <summary>What is logged when a file is read, at the start and again; event ids 200 to 299 and stable.</summary>
internal static partial class ReloadLog
{
    [LoggerMessage(200, LogLevel.Information, "policy {Snapshot} is in force")]
    public static partial void PolicyInForce(ILogger logger, string snapshot);

    [LoggerMessage(201, LogLevel.Error, "the policy file was refused, the old one stays in force: {Problems}")]
    public static partial void PolicyRefused(ILogger logger, string problems);

    [LoggerMessage(202, LogLevel.Warning, "policy: {Warning}")]
    public static partial void PolicyWarning(ILogger logger, string warning);

    [LoggerMessage(203, LogLevel.Information,
        "the configuration was read again: {Principals} principals are in force; what else changed in it counts from the next start")]
    public static partial void ConfigurationTaken(ILogger logger, int principals);

    [LoggerMessage(204, LogLevel.Error, "the configuration was refused, the old one stays in force: {Problems}")]
    public static partial void ConfigurationRefused(ILogger logger, string problems);

    [LoggerMessage(205, LogLevel.Warning, "identity: {Warning}")]
    public static partial void IdentityWarning(ILogger logger, string warning);

    [LoggerMessage(206, LogLevel.Information, "the certificate {Thumbprint} is in force, good until {NotAfter}")]
    public static partial void CertificateInForce(ILogger logger, string thumbprint, DateTime notAfter);

    [LoggerMessage(207, LogLevel.Error, "the certificate was refused, the old one stays in force: {Problem}")]
    public static partial void CertificateRefused(ILogger logger, string problem);

    [LoggerMessage(208, LogLevel.Error, "a changed file could not be taken; what was in force stays, and the next change is tried")]
    public static partial void Failed(ILogger logger, Exception error);
}
