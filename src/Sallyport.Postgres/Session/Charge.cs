using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>What budgets must know of a command.</summary>
/// <param name="Statements">How many statements it counts as: those of its text, and one at least.</param>
/// <param name="Touches">It does more than control the session or its transaction.</param>
/// <param name="Writes">It does more than read.</param>
/// <param name="OnlyEnds">It only ends a transaction, which must always be possible: a transaction keeps locks.</param>
/// <param name="Hides">It writes rows that the server's answer does not tell.</param>
internal readonly record struct Charge(int Statements, bool Touches, bool Writes, bool OnlyEnds, bool Hides)
{
    public static Charge Of(SqlFacts facts)
    {
        var (touches, writes, changes) = (false, false, false);
        foreach (var effect in facts.Effects)
        {
            touches |= effect.Kind is not (EffectKind.Session or EffectKind.Transaction);
            writes |= effect.Kind is not (EffectKind.Session or EffectKind.Transaction or EffectKind.Read);
            changes |= IsChange(effect);
        }
        var onlyEnds = facts.Statements.Length > 0;
        var hides = false;
        foreach (var statement in facts.Statements)
        {
            onlyEnds &= statement.Verb is "commit" or "rollback";
            hides |= statement.ChangesInside || (changes && statement.Verb == "explain_analyze");
        }
        return new Charge(Math.Max(1, facts.Statements.Length), touches, writes, onlyEnds, hides);
    }

    /// <summary>Whether it changes rows, so that a command tag tells how many.</summary>
    public static bool Changes(SqlFacts? facts)
    {
        foreach (var effect in facts?.Effects ?? [])
        {
            if (IsChange(effect))
                return true;
        }
        return false;
    }

    /// <summary>The rows that a command tag says were written: <c>INSERT 0 3</c>, <c>UPDATE 3</c>, <c>COPY 3</c> from the client.</summary>
    /// <param name="tag">The body of CommandComplete.</param>
    /// <param name="facts">What was run.</param>
    public static long Written(ReadOnlySpan<byte> tag, SqlFacts? facts)
    {
        var isChange = tag.StartsWith("INSERT "u8) || tag.StartsWith("UPDATE "u8) || tag.StartsWith("DELETE "u8)
            || tag.StartsWith("MERGE "u8);
        if (!isChange && !(tag.StartsWith("COPY "u8) && Changes(facts)))
            return 0;
        var number = tag[(tag.LastIndexOf((byte)' ') + 1)..].TrimEnd((byte)0);
        return System.Buffers.Text.Utf8Parser.TryParse(number, out long rows, out _) ? Math.Min(rows, int.MaxValue) : 0;
    }

    private static bool IsChange(Effect effect) =>
        effect.Kind == EffectKind.Write && effect.Verb is "insert" or "update" or "delete" or "merge" or "copy_in";
}
