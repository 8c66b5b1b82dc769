using System.Diagnostics;

namespace Sallyport.Fuzz;

/// <summary>One parser under attack: valid inputs to start from, and what must hold for any input whatever.</summary>
internal interface IFuzzTarget
{
    string Name { get; }

    /// <summary>Valid inputs, which are mutated.</summary>
    IReadOnlyList<byte[]> Corpus { get; }

    /// <summary>Words of the protocol, which are put in anywhere.</summary>
    IReadOnlyList<byte[]> Tokens => [];

    /// <summary>Inputs are cut to this many bytes.</summary>
    int LongestInput => 64 * 1024;

    /// <summary>The input is text in brackets: whole pairs of them are moved, doubled and taken out.</summary>
    bool IsNested => false;

    /// <summary>Throws when a promise is broken; any exception of the parser is one.</summary>
    /// <param name="input">The bytes as they came from a peer.</param>
    /// <param name="random">
    /// For choices besides the input, such as where it is cut. Seeded by the input: it is judged the same each time.
    /// </param>
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
