using System.Collections.Frozen;
using System.Text;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// The SQLSTATEs (PostgreSQL manual, appendix A) whose primary message names only things of the query's own text and of the
/// schema, or nothing; and what stands in place of the message of all others.
/// </summary>
internal static class ValueFreeStates
{
    // 22012 division by zero; 23502, 23503, 23505, 23514: the message names the constraint, the detail (dropped) the values.
    private const string Nameless =
        "03000 08P01 22012 23502 23503 23505 23514 25000 25001 25006 25P01 25P02 25P03 2BP01 40001 40P01 42501 53100 53200 53300 54000 54001 "
        + "54011 54023 55000 55006 55P03 57014 57P01 57P02 57P03 57P05";

    // What does not exist, or not as it is used: its name may have been computed from a row.
    private const string Naming =
        "0A000 26000 28000 34000 3B001 3D000 3F000 42601 42602 42611 42622 42701 42702 42703 42704 42710 42712 42723 42725 42803 42804 42809 "
        + "42846 42883 42939 42P01 42P02 42P03 42P04 42P05 42P06 42P07 42P08 42P09 42P10 42P11 42P12 42P13 42P14 42P15 42P16 42P17 42P18 42P19 "
        + "42P20 42P21 42P22";

    private static readonly FrozenSet<uint> Unnaming = SetOf(Nameless);
    private static readonly FrozenSet<uint> All = SetOf(Nameless + " " + Naming);

    /// <summary>True when the message names nothing but constraints, columns and objects that exist, whatever the statement computes.</summary>
    public static bool NamesNothing(ReadOnlySpan<byte> state) => Unnaming.Contains(Pack(state));

    public static bool Contains(ReadOnlySpan<byte> state) => All.Contains(Pack(state));

    /// <summary>A text of the SQLSTATE's class: the code itself, which passes, says the rest.</summary>
    public static ReadOnlySpan<byte> Canonical(ReadOnlySpan<byte> state) => (state[0], state[1]) switch
    {
        ((byte)'0', (byte)'0') => "notice (its text is masked)"u8,
        ((byte)'0', (byte)'1') => "warning (its text is masked)"u8,
        ((byte)'2', (byte)'2') => "data exception (its text is masked)"u8,
        ((byte)'2', (byte)'3') => "integrity constraint violation (its text is masked)"u8,
        ((byte)'4', (byte)'2') => "syntax error or access rule violation (its text is masked)"u8,
        ((byte)'P', (byte)'0') => "raised exception (its text is masked)"u8,
        ((byte)'X', (byte)'X') => "internal error (its text is masked)"u8,
        _ => "error (its text is masked)"u8,
    };

    private static FrozenSet<uint> SetOf(string states) => states.Split(' ').Select(state => Pack(Encoding.ASCII.GetBytes(state))).ToFrozenSet();

    /// <summary>Five letters and digits of six bits each.</summary>
    private static uint Pack(ReadOnlySpan<byte> state)
    {
        var packed = 0u;
        foreach (var letter in state)
        {
            // What is no letter or digit is no SQLSTATE; it must not look like one.
            if (letter is not (>= (byte)'0' and <= (byte)'9') and not (>= (byte)'A' and <= (byte)'Z')) return 0;
            packed = (packed << 6) | (uint)(letter - '0');
        }

        return packed;
    }
}
