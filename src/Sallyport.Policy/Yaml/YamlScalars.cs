using System.Globalization;

namespace Sallyport.Policy.Yaml;

/// <summary>Typed readings of a scalar. Each reports what does not fit, in one sentence, and answers null.</summary>
public static class YamlScalars
{
    private static readonly (string Unit, double Milliseconds)[] DurationUnits =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    private static readonly (string Unit, long Bytes)[] SizeUnits =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("B", 1)];

    /// <summary>A text that is not empty.</summary>
    public static string? AsText(this YamlNode node)
    {
        if (node is YamlScalar { Value.Length: > 0 } scalar)
            return scalar.Value;
        node.Problems.Error(node, $"must be a text, not {(node is YamlScalar ? "empty" : node.Describe)}.");
        return null;
    }

    public static bool? AsFlag(this YamlNode node)
    {
        if (node is YamlScalar { IsPlain: true, Value: "true" or "false" } scalar)
            return scalar.Value == "true";
        node.Problems.Error(node, $"must be true or false, not {node.Describe}.");
        return null;
    }

    public static int? AsInteger(this YamlNode node, int min, int max)
    {
        if (node is YamlScalar { IsPlain: true } scalar &&
            int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) &&
            value >= min && value <= max)
            return value;
        node.Problems.Error(node, $"must be a whole number from {min} to {max}, not {node.Describe}.");
        return null;
    }

    /// <summary>A whole number and a unit, without a space. A number without a unit is refused: it would be a guess.</summary>
    public static TimeSpan? AsDuration(this YamlNode node, TimeSpan min, TimeSpan max)
    {
        if (node is YamlScalar scalar && TryDuration(scalar.Value, out var value))
        {
            if (value >= min && value <= max)
                return value;
            node.Problems.Error(node, $"must be from {Show(min)} to {Show(max)}, not {scalar.Value}.");
            return null;
        }
        node.Problems.Error(node, $"must be a duration such as 250ms, 60s, 10m, 8h or 30d, not {node.Describe}.");
        return null;
    }

    /// <summary>A whole number of bytes, or with the unit KiB, MiB, GiB or TiB.</summary>
    public static long? AsBytes(this YamlNode node, long min, long max)
    {
        if (node is YamlScalar scalar && TryBytes(scalar.Value, out var value))
        {
            if (value >= min && value <= max)
                return value;
            node.Problems.Error(node, $"must be from {min} to {max} bytes, not {scalar.Value}.");
            return null;
        }
        node.Problems.Error(node, $"must be a size such as 512, 64KiB, 16MiB or 2GiB, not {node.Describe}.");
        return null;
    }

    /// <summary>One of the names of <typeparamref name="T"/>, written in lower case with <c>_</c> between words.</summary>
    public static T? AsChoice<T>(this YamlNode node)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        foreach (var value in values)
        {
            if (node is YamlScalar scalar && string.Equals(scalar.Value, Spell(value), StringComparison.Ordinal))
                return value;
        }
        node.RefuseChoice([.. values.Select(Spell)]);
        return null;
    }

    /// <summary>Reports that a value is none of <paramref name="names"/>, with the nearest one.</summary>
    public static void RefuseChoice(this YamlNode node, IReadOnlyCollection<string> names)
    {
        var near = node is YamlScalar scalar ? Suggestion.For(scalar.Value, names) : "";
        node.Problems.Error(node, $"{node.Describe} is not one of {string.Join(", ", names)}.{near}");
    }

    /// <summary>An enum's value as files spell it: <c>PrivateKey</c> is <c>private_key</c>.</summary>
    public static string Spell<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        return string.Concat(name.Select((c, i) => (i > 0 && char.IsUpper(c) ? "_" : "") + char.ToLowerInvariant(c)));
    }

    private static bool TryDuration(string text, out TimeSpan value)
    {
        value = default;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        foreach (var (unit, milliseconds) in DurationUnits)
        {
            if (!text.AsSpan(digits).SequenceEqual(unit) || count * milliseconds > TimeSpan.MaxValue.TotalMilliseconds / 2)
                continue;
            value = TimeSpan.FromMilliseconds(count * milliseconds);
            return true;
        }
        return false;
    }

    private static bool TryBytes(string text, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0)
            digits = text.Length;
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var unit = text.AsSpan(digits);
        foreach (var (name, bytes) in SizeUnits)
        {
            if ((!unit.SequenceEqual(name) && !(unit.IsEmpty && bytes == 1)) || count > long.MaxValue / bytes)
                continue;
            value = count * bytes;
            return true;
        }
        return false;
    }

    /// <summary>A duration as files spell it: <c>90m</c>.</summary>
    public static string Show(TimeSpan value)
    {
        for (var i = DurationUnits.Length - 1; i > 0; i--)
        {
            var count = value.TotalMilliseconds / DurationUnits[i].Milliseconds;
            if (count >= 1 && count == Math.Floor(count))
                return string.Create(CultureInfo.InvariantCulture, $"{count}{DurationUnits[i].Unit}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms");
    }
}
