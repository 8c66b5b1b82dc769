using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Sallyport.Fuzz;

/// <summary>
/// The counters that instrumented code counts up, one byte an edge, and which edges were reached how often by any input so far.
/// Where nothing is instrumented nothing is ever new.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    // Instrumented code knows no bounds: there is never less, and it is never given back.
    private static readonly byte* Memory = (byte*)NativeMemory.AllocZeroed(Size);

    private readonly byte[] _seen = new byte[Size];

    /// <summary>How many edges were reached.</summary>
    public int Edges => Size - _seen.AsSpan().Count((byte)0);

    private static ReadOnlySpan<byte> Counters => new(Memory, Size);

    /// <summary>Before an input.</summary>
    public static void Begin()
    {
        new Span<byte>(Memory, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>After an input: takes up what it reached. True when no input before reached that, or not as often.</summary>
    public bool TakeUp()
    {
        var isNew = false;
        var counters = Counters;
        for (var at = Next(counters, 0); at >= 0; at = Next(counters, at + 1))
        {
            var bit = Bucket(counters[at]);
            isNew |= (_seen[at] & bit) == 0;
            _seen[at] |= bit;
        }
        return isNew;
    }

    /// <summary>The edges that the input reached.</summary>
    public static HashSet<int> Reached()
    {
        var reached = new HashSet<int>();
        var counters = Counters;
        for (var at = Next(counters, 0); at >= 0; at = Next(counters, at + 1))
            reached.Add(at);
        return reached;
    }

    // Before any instrumented code runs.
    [ModuleInitializer]
    internal static void Provide() => Trace.SharedMem = Memory;

    private static int Next(ReadOnlySpan<byte> counters, int from)
    {
        var step = counters[from..].IndexOfAnyExcept((byte)0);
        return step < 0 ? -1 : from + step;
    }

    // 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more: a loop that runs once more is nothing new, one that runs twice as often is.
    private static byte Bucket(byte count) => count switch
    {
        < 4 => (byte)(1 << (count - 1)),
        >= 128 => 128,
        >= 32 => 64,
        _ => (byte)(1 << (BitOperations.Log2(count) + 1)),
    };
}
