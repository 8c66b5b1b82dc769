using System.Globalization;

namespace Sallyport.Recording.Segments;

/// <summary>A segment's place: <c>yyyyMMddTHHmmss-number.seg</c>. Nothing a user names ever becomes part of a path.</summary>
internal readonly record struct SegmentName(string Path, string Name, long Number);

/// <summary>The segment files of a recording folder, in the order of their numbers.</summary>
internal static class SegmentFolder
{
    public const string Extension = ".seg";

    public static string In(string folder) => Path.Combine(folder, "segments");

    public static SegmentName For(string folder, DateTimeOffset at, long number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{at:yyyyMMdd'T'HHmmss}-{number:D8}{Extension}");
        return new SegmentName(Path.Combine(In(folder), name), name, number);
    }

    public static List<SegmentName> List(string folder)
    {
        var found = new List<SegmentName>();
        if (!Directory.Exists(In(folder)))
            return found;
        foreach (var path in Directory.EnumerateFiles(In(folder), "*" + Extension))
        {
            var name = Path.GetFileName(path);
            var dash = name.LastIndexOf('-');
            var digits = name.AsSpan(dash + 1, name.Length - dash - 1 - Extension.Length);
            if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                found.Add(new SegmentName(path, name, number));
        }
        found.Sort(static (left, right) => (left.Number, left.Name).CompareTo((right.Number, right.Name)));
        return found;
    }
}
