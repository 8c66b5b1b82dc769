namespace Sallyport.Fuzz;

/// <summary>The targets of this program: every class that is one.</summary>
internal static class FuzzTargets
{
    private static readonly Type[] Types =
        [.. typeof(FuzzTargets).Assembly.GetTypes().Where(static type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IFuzzTarget)))];

    public static IReadOnlyList<IFuzzTarget> All { get; } =
        [.. Types.Select(static type => (IFuzzTarget)Activator.CreateInstance(type)!).OrderBy(static target => target.Name, StringComparer.Ordinal)];

    public static IFuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
