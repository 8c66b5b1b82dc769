using Sallyport.Load.Wire;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Tests;

public sealed class AnswerWalkerTests
{
    private static readonly byte[] Row = Messages.Message('D', Messages.Int16(1), Messages.Int32(1), "Z"u8.ToArray());
    private static readonly byte[] Ready = Messages.Message('Z', "I"u8.ToArray());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(1000)]
    public void The_end_is_found_wherever_reads_cut(int size)
    {
        var answer = Messages.Join(Messages.Message('2'), Row, Row, Messages.Message('C', Messages.CString("SELECT 2")), Ready);
        var walker = new AnswerWalker();

        var pieces = answer.Chunk(size).ToList();

        Assert.All(pieces[..^1], piece => Assert.False(walker.Take(piece)));
        Assert.True(walker.Take(pieces[^1]));
        Assert.Null(walker.Error);
    }

    [Fact]
    public void One_walker_takes_one_answer_after_the_other()
    {
        var walker = new AnswerWalker();

        Assert.True(walker.Take(Messages.Join(Row, Ready)));
        Assert.False(walker.Take(Row));
        Assert.True(walker.Take(Ready));
    }

    [Fact]
    public void A_row_is_noticed_as_soon_as_it_begins()
    {
        var walker = new AnswerWalker();

        walker.Take(Messages.Message('T', Messages.Int16(0)));
        Assert.False(walker.HasRow);
        walker.Take(Row.AsSpan(0, 5));
        Assert.True(walker.HasRow);
    }

    [Fact]
    public void A_refusal_keeps_the_servers_words()
    {
        var walker = new AnswerWalker();

        Assert.True(walker.Take(Messages.Join(Messages.Message('E', Messages.CString("Mno such thing"), [0]), Ready)));

        Assert.Contains("no such thing", walker.Error, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => walker.ThrowIfRefused());
    }

    [Fact]
    public void Bytes_behind_the_end_are_an_answer_nobody_asked_for()
    {
        var walker = new AnswerWalker();

        Assert.Throws<InvalidDataException>(() => walker.Take(Messages.Join(Ready, Row)));
    }
}
