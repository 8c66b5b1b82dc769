namespace Sallyport.Testing.Processes;

/// <summary>Where things lie in the clone the tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds Proxy.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The npm packages of tests/Support/node, links resolved: a server run as another user may not see the clone.</summary>
    public static string NodeModules { get; } = FindNodeModules();

    /// <summary>The programs that drive real clients, one folder each.</summary>
    public static string Clients { get; } = Path.Combine(Root, "tests", "Support", "clients");

    private static string FindNodeModules()
    {
        if (Environment.GetEnvironmentVariable("SALLYPORT_NODE_MODULES") is { Length: > 0 } given)
            return given;
        var link = Path.Combine(Root, "tests", "Support", "node", "node_modules");
        return Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Proxy.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No Proxy.sln above {AppContext.BaseDirectory}: run the tests from inside the clone.");
    }
}
