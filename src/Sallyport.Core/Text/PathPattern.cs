namespace Sallyport.Core;

/// <summary>
/// A pattern for the path of a file: <c>/srv/data/*.csv</c>, <c>/srv/**</c>, <c>uploads/*</c>. <c>*</c> stands for any run of characters
/// without <c>/</c>, <c>**</c> for any run; a last <c>/**</c> is the directory and all below it, a first <c>**/</c> any directory or none.
/// A pattern that begins with <c>/</c> fits absolute paths, one with <c>**</c> both, others relative ones. Paths are compared as
/// <see cref="Clean"/> leaves them: what links lead to is the target's business.
/// </summary>
public sealed class PathPattern
{
    private readonly StarMatcher _matcher;
    private readonly StarMatcher? _inAnyDirectory;

    public PathPattern(string pattern)
    {
        Text = pattern;
        var cleaned = pattern.Length > 1 ? pattern.TrimEnd('/') : pattern;
        _matcher = new StarMatcher(cleaned, belowToo: true);
        if (cleaned.StartsWith("**/", StringComparison.Ordinal))
            _inAnyDirectory = new StarMatcher(cleaned.AsSpan(3), belowToo: true);
    }

    public string Text { get; }

    /// <summary>
    /// A path with <c>.</c>, <c>..</c> and doubled or last slashes resolved by its text alone. <c>..</c> stays only where a relative
    /// path begins with it; at the root it is the root. The empty path is <c>.</c>, where the session begins.
    /// </summary>
    public static string Clean(string path)
    {
        var isAbsolute = path.StartsWith('/');
        var kept = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != ".." || (!isAbsolute && (kept.Count == 0 || kept[^1] == "..")))
                kept.Add(part);
            else if (kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
        }
        var joined = string.Join('/', kept);
        return isAbsolute ? $"/{joined}" : joined.Length == 0 ? "." : joined;
    }

    /// <summary>Whether the path meets the pattern.</summary>
    /// <param name="path">As it was given.</param>
    /// <param name="isTree">The path stands for everything below it, too.</param>
    /// <param name="all">
    /// True in a rule that allows: all of a tree must fit, and a path that climbs out of where it begins fits only a pattern that says the
    /// same <c>..</c>. False: some of a tree is enough, and a path that climbs may be anywhere.
    /// </param>
    public bool Matches(string path, bool isTree, bool all)
    {
        path = Clean(path);
        if (path == ".." || path.StartsWith("../", StringComparison.Ordinal))
            return !all || (Climbs(Text) == Climbs(path) && Fits(_matcher, path, isTree, all));
        return Fits(_matcher, path, isTree, all) || (_inAnyDirectory is { } inner && Fits(inner, path, isTree, all));
    }

    public override string ToString() => Text;

    private static bool Fits(StarMatcher matcher, string path, bool isTree, bool all)
    {
        if (!isTree)
            return matcher.Matches(path);
        if (all)
            return matcher.TakesAllBelow && matcher.Matches(path);
        // The tree of where the session begins holds every relative path.
        var below = path == "/" ? "/" : path == "." ? "" : path + "/";
        return matcher.Matches(path) || matcher.MatchesSomeContinuationOf(below);
    }

    private static int Climbs(string path) => path.Split('/').TakeWhile(static part => part == "..").Count();
}
