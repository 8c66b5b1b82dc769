using System.Diagnostics;

namespace Sallyport.Fuzz;

/// <summary>One parser under attack: valid inputs to start from, and what must hold for any input whatever.</summary>
internal interface IFuzzTarget
{
    string Name { get; }

    /// <summary>Valid inputs, which are mutated.</summary>
    IReadOnlyList<byte[]> Corpus { get; }

    /// <summary>Throws when a promise is broken; any exception of the parser is one.</summary>
    /// <param name="input">The bytes as they came from a peer.</param>
    /// <param name="random">For choices besides the input, such as where it is cut. Seeded: the same run makes the same ones.</param>
    void Check(byte[] input, Random random);
}

/// <summary>A promise of the parser that did not hold.</summary>
internal static class Promise
{
    public static void Holds(bool condition, string promise)
    {
        if (!condition)
            throw new UnreachableException(promise);
    }
}
