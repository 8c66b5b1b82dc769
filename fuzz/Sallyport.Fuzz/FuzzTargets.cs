namespace Sallyport.Fuzz;

/// <summary>The targets of this program: every class that is one.</summary>
internal static class FuzzTargets
{
    private static readonly Type[] Types =
    [
        .. from type in typeof(FuzzTargets).Assembly.GetTypes()
        where type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IFuzzTarget))
        select type,
    ];

    public static IReadOnlyList<IFuzzTarget> All { get; } =
        [.. Types.Select(static t => (IFuzzTarget)Activator.CreateInstance(t)!).OrderBy(static t => t.Name, StringComparer.Ordinal)];

    public static IFuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
