using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>A call as it is written: of what, and with how many arguments. Which function that is, only the catalogue knows.</summary>
/// <param name="Function">Its name, with the schema if one is written.</param>
/// <param name="Arguments">How many are given; -1 when that is not said.</param>
/// <param name="IsProcedure">By CALL.</param>
public readonly record struct SqlCall(EffectObject Function, int Arguments, bool IsProcedure)
{
    /// <summary>The detail of the opaque effect that stands for the call where the text alone is known.</summary>
    internal string Unread => IsProcedure ? $"the body of procedure {Function} is not read" : $"function {Function} is not a built-in";

    /// <summary>As <see cref="Unread"/>, for an operator.</summary>
    internal static string UnreadOperator(EffectObject name) => $"operator {name.Name} is not a built-in";
}
