using System.Buffers;
using System.Text;
using Sallyport.Ssh.Shell;

namespace Sallyport.Ssh.Tests.Shell;

public sealed class LineEditorTests
{
    private const string Prompt = "bot@web1:~$ ";
    private readonly LineEditor _editor = new() { Columns = 80 };
    private readonly ArrayBufferWriter<byte> _output = new();

    public LineEditorTests() => _editor.Begin(Prompt, _output);

    private EditorStep Type(string keys)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(keys);
        return _editor.Read(ref bytes, _output);
    }

    private string Run(string keys)
    {
        Assert.Equal(EditorStep.Entered, Type(keys));
        var text = _editor.Text;
        _editor.Begin(Prompt, _output);
        return text;
    }

    [Theory]
    [InlineData("echo größe 日本\r", "echo größe 日本")]
    [InlineData("ab\u007fc\r", "ac")]
    [InlineData("aß\bb\r", "ab")]
    [InlineData("one two\u0017three\r", "one three")]
    [InlineData("one two  \u0017x\r", "one x")]
    [InlineData("wrong\u0015right\r", "right")]
    [InlineData("b\u0001a\u0005c\r", "abc")]
    [InlineData("ac\e[Db\e[Cd\r", "abcd")]
    [InlineData("ac\eODb\eOCd\r", "abcd")]
    [InlineData("bc\e[Ha\e[Fd\r", "abcd")]
    [InlineData("bc\e[1~a\e[4~d\r", "abcd")]
    [InlineData("abc\u0002\u0002\u000b\r", "a")]
    [InlineData("abc\u0001\u0004\e[3~\r", "c")]
    [InlineData("a\e[15~b\e[1;5Cc\e[M\r", "abc")]
    [InlineData("a\tb\0c\u0007d\r", "abcd")]
    public void KeysMakeALine(string keys, string line)
    {
        Assert.Equal(line, Run(keys));
        // Cut into single bytes it is the same.
        var bytes = Encoding.UTF8.GetBytes(keys);
        foreach (var value in bytes[..^1])
        {
            ReadOnlySpan<byte> one = [value];
            Assert.Equal(EditorStep.More, _editor.Read(ref one, _output));
        }
        Assert.Equal(line, Run("\r"));
    }

    [Fact]
    public void BytesThatAreNoUtf8AreLeftOut()
    {
        ReadOnlySpan<byte> bytes = [(byte)'a', 0xFF, 0xC3, (byte)'b', 0xE2, 0x82, 0xAC, 0xC2, 0x9B, (byte)'\r'];

        Assert.Equal(EditorStep.Entered, _editor.Read(ref bytes, _output));
        // C1 controls are no characters to be typed, either.
        Assert.Equal("ab€", _editor.Text.Replace("\u009b", "", StringComparison.Ordinal));
        Assert.DoesNotContain('\u009b', _editor.Text);
    }

    [Fact]
    public void WhatFollowsALineIsLeft()
    {
        ReadOnlySpan<byte> bytes = "one\rtwo\r"u8;

        Assert.Equal(EditorStep.Entered, _editor.Read(ref bytes, _output));
        Assert.Equal("two\r", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void OldLinesComeBack()
    {
        Run("one\r");
        Run("two\r");
        Run("two\r");
        Run("  \r");

        Assert.Equal("two", Run("\e[A\r"));
        Assert.Equal("one", Run("\e[A\e[A\e[A\r"));
        Assert.Equal("new", Run("new\e[A\e[A\e[B\e[B\r"));
        Assert.Equal("two!", Run("\u0010\u0010\u0010!\r"));
    }

    [Fact]
    public void CtrlCCancelsAndCtrlDOnAnEmptyLineLeaves()
    {
        Assert.Equal(EditorStep.Cancelled, Type("half\u0003"));
        _editor.Begin(Prompt, _output);
        Assert.Equal(EditorStep.Cancelled, Type("half\e[\u0003"));
        _editor.Begin(Prompt, _output);
        Assert.Equal(EditorStep.More, Type("x\u0004"));
        Assert.Equal(EditorStep.Left, Type("\u007f\u0004"));
    }

    /// <summary>Nothing of a paste runs before Enter.</summary>
    [Fact]
    public void ANewlineOfAPasteIsPartOfTheLine()
    {
        Assert.Equal(EditorStep.More, Type("\e[200~one\rtwo\n\tthree\u0004\e[201~"));
        Assert.Equal("one\ntwo\n three", Run("\r"));
    }

    [Fact]
    public void ALineIsNotLongerThanWhatCanBeRead()
    {
        Type(new string('x', LineEditor.LongestLine + 10));

        Assert.Equal(LineEditor.LongestLine, _editor.Text.Length);
    }

    /// <summary>Whatever is typed, the terminal shows the prompt, the line and the cursor where they are.</summary>
    [Theory]
    [InlineData(80)]
    [InlineData(20)]
    [InlineData(13)]
    [InlineData(5)]
    public void TheTerminalShowsTheLine(int columns)
    {
        string[] keys = ["a", "b", "c d", "xyz", "\u007f", "\e[D", "\e[D\e[D\e[D", "\e[C", "\u0001", "\u0005", "\u0017", "\u000b", "\e[3~", "long enough to wrap", "ö", "\u0010"];
        var random = new Random(columns);
        for (var round = 0; round < 300; round++)
        {
            var editor = new LineEditor { Columns = columns };
            var terminal = new Terminal(columns);
            var output = new ArrayBufferWriter<byte>();
            editor.Begin(Prompt, output);
            for (var i = 0; i < 30; i++)
            {
                ReadOnlySpan<byte> typed = Encoding.UTF8.GetBytes(keys[random.Next(keys.Length)]);
                editor.Read(ref typed, output);
                terminal.Write(output.WrittenSpan);
                output.ResetWrittenCount();
                var shown = string.Join('\n', (Prompt + editor.Text).Chunk(columns).Select(static row => new string(row).TrimEnd())).TrimEnd('\n');
                Assert.Equal(shown, terminal.Text);
            }
            // Where the cursor is shows by what is typed there.
            ReadOnlySpan<byte> mark = "#"u8;
            var (row, column) = (terminal.Row, terminal.Column);
            editor.Read(ref mark, output);
            Assert.Equal(Prompt.Length + editor.Text.IndexOf('#', StringComparison.Ordinal), (row * columns) + column);
        }
    }
}
