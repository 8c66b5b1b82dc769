using System.Buffers;
using System.Text;
using Sallyport.Postgres.Wire;
using Sallyport.Testing.Wire;

namespace Sallyport.Postgres.Tests.Wire;

public sealed class ClientViewTests
{
    private static byte[] Body(Action<ArrayBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan[MessageFrame.HeaderLength..].ToArray();
    }

    [Fact]
    public void BindIsReadWithFormatsAndNulls()
    {
        // Two formats, two parameters (one NULL), one result format for all.
        byte[] tail = [0, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 2, (byte)'4', (byte)'2', 0xff, 0xff, 0xff, 0xff, 0, 1, 0, 1];
        var body = Body(b => MessageWriter.WriteBind(b, "p"u8, "s"u8, tail));

        Assert.True(BindView.TryRead(body, out var view));
        Assert.Equal("p", Encoding.ASCII.GetString(view.Portal));
        Assert.Equal("s", Encoding.ASCII.GetString(view.Statement));
        Assert.Equal(2, view.ParameterCount);
        Assert.Equal(1, BindView.FormatAt(view.ParameterFormats, 1));
        Assert.Equal(1, BindView.FormatAt(view.ResultFormats, 7));
    }

    [Fact]
    public void Threat5_EveryCutAndEveryLyingLengthOfABindIsRefused()
    {
        byte[] tail = [0, 0, 0, 1, 0, 0, 0, 2, (byte)'4', (byte)'2', 0, 0];
        var body = Body(b => MessageWriter.WriteBind(b, "p"u8, "s"u8, tail));

        for (var cut = 0; cut < body.Length; cut++)
            Assert.False(BindView.TryRead(body.AsSpan(0, cut), out _), $"cut at {cut}");
        foreach (var length in (int[])[-2, int.MinValue, int.MaxValue, 3, 1])
        {
            var lying = body.ToArray();
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(8), length);
            Assert.False(BindView.TryRead(lying, out _), $"length {length}");
        }
        Assert.False(BindView.TryRead([.. body, 0], out _));
    }

    [Theory]
    [InlineData((short)-1)]
    [InlineData((short)2)]
    [InlineData(short.MinValue)]
    public void Threat5_AFormatThatDoesNotExistIsRefused(short format)
    {
        byte[] tail = [0, 1, (byte)(format >> 8), (byte)format, 0, 0, 0, 0];
        Assert.False(BindView.TryRead(Body(b => MessageWriter.WriteBind(b, ""u8, ""u8, tail)), out _));
    }

    [Fact]
    public void ParseIsReadAndEveryCutRefused()
    {
        var body = Body(b => MessageWriter.WriteParse(b, "s"u8, "select $1"u8, [0, 0, 0, 23]));

        Assert.True(ParseView.TryRead(body, out var view));
        Assert.True(view.Text.SequenceEqual("select $1"u8));
        Assert.Equal(4, view.TypeOids.Length);
        for (var cut = 0; cut < body.Length; cut++)
            Assert.False(ParseView.TryRead(body.AsSpan(0, cut), out _), $"cut at {cut}");
    }

    [Fact]
    public void Threat14_AQueryWithANulInsideIsRefused()
    {
        Assert.True(QueryView.TryRead("select 1\0"u8, out _));
        Assert.False(QueryView.TryRead("select 1\0drop table t\0"u8, out _));
        Assert.False(QueryView.TryRead("select 1"u8, out _));
    }

    [Fact]
    public void AHeaderIsReadHoweverItIsCut()
    {
        byte[] message = [(byte)'Q', 0, 0, 0, 9, 1, 2, 3, 4, 5];
        for (var cut = 1; cut < message.Length; cut++)
        {
            var sequence = Segment.Join(message.AsMemory(0, cut), message.AsMemory(cut));
            Assert.True(MessageFrame.TryReadHeader(sequence, out var type, out var length));
            Assert.Equal((byte)'Q', type);
            Assert.Equal(5, length);
        }
        Assert.False(MessageFrame.TryReadHeader(new ReadOnlySequence<byte>(message, 0, 4), out _, out _));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Threat5_ALengthThatDoesNotCountItselfIsNegative(int length)
    {
        var message = new byte[5];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), length);
        Assert.True(MessageFrame.TryReadHeader(new ReadOnlySequence<byte>(message), out _, out var body));
        Assert.True(body < 0 || length == int.MinValue);
    }
}
