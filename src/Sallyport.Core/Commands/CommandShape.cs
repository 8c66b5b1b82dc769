using System.Text;

namespace Sallyport.Core;

/// <summary>
/// What makes two commands "like" each other for a grant: effects, verbs, whether there is a WHERE, and the objects with their
/// columns; literals do not count.
/// </summary>
public static class CommandShape
{
    public static string Of(Facts facts)
    {
        var shape = new StringBuilder();
        foreach (var effect in facts.Effects)
        {
            shape.Append(effect.Kind).Append(' ').Append(effect.Verb).Append(' ').Append(effect.Where);
            foreach (var thing in effect.Objects)
                shape.Append(' ').Append(thing.Type).Append('=').Append(thing.Schema).Append('.').Append(thing.Name)
                    .Append('(').AppendJoin(',', thing.Columns).Append(')');
            if (effect.Detail is not null)
                shape.Append(" !").Append(effect.Detail);
            shape.Append('\n');
        }
        return shape.ToString();
    }
}
