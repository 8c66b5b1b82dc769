using System.Collections.Immutable;
using System.Text;

namespace Sallyport.Core;

/// <summary>
/// A pattern for a name in a schema: <c>public.payroll</c>, <c>*.payroll_*</c>, <c>"odd.schema"."Table"</c> (in double quotes,
/// where <c>.</c> and <c>*</c> are characters as any other). Without a schema it means, in a rule that denies or holds, that
/// name in whatever schema; in a rule that allows, schema <c>public</c> only.
/// </summary>
public sealed class NamePattern
{
    private NamePattern(Glob schema, Glob name) => (Schema, Name) = (schema, name);

    public Glob Schema { get; }

    public Glob Name { get; }

    public static NamePattern? Parse(string text, bool allows)
    {
        if (SplitQuoted(text) is not { } parts)
            return null;
        return parts.Length switch
        {
            1 => new NamePattern(allows ? Glob.Literal("public") : new Glob("*"), parts[0]),
            2 => new NamePattern(parts[0], parts[1]),
            _ => null,
        };
    }

    /// <summary>The parts of a dotted name; null when a part is empty or a quote is not closed.</summary>
    public static ImmutableArray<Glob>? SplitQuoted(string text)
    {
        var parts = ImmutableArray.CreateBuilder<Glob>();
        for (var i = 0; i <= text.Length; i++)
        {
            var start = i;
            if (i < text.Length && text[i] == '"')
            {
                if (ReadQuoted(text, ref i) is not { Length: > 0 } literal || (i < text.Length && text[i] != '.'))
                    return null;
                parts.Add(Glob.Literal(literal));
                continue;
            }
            while (i < text.Length && text[i] != '.')
                i++;
            var part = text[start..i];
            if (part.Length == 0 || part.Contains('"', StringComparison.Ordinal))
                return null;
            parts.Add(new Glob(part));
        }
        return parts.ToImmutable();
    }

    public override string ToString() => Schema.IsAny ? Name.Text : $"{Schema.Text}.{Name.Text}";

    public bool Matches(string schema, string name) => Schema.Matches(schema) && Name.Matches(name);

    /// <summary>Reads from an opening quote past the closing one; a doubled quote stands for one.</summary>
    private static string? ReadQuoted(string text, ref int i)
    {
        var literal = new StringBuilder();
        for (i++; i < text.Length; i++)
        {
            if (text[i] != '"')
                literal.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == '"')
                literal.Append(text[i++]);
            else
            {
                i++;
                return literal.ToString();
            }
        }
        return null;
    }
}
