using System.Reflection;

namespace Sallyport.Hosting;

/// <summary>This build's version, as records and the status show it.</summary>
internal static class GatewayVersion
{
    public static readonly string Text =
        typeof(GatewayVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
