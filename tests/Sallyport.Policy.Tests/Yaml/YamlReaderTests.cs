using System.Text;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Tests.Yaml;

public sealed class YamlReaderTests
{
    private enum Colour
    {
        Red,
        DarkBlue,
    }

    private static YamlMap Read(string text) => YamlReader.Read("f.yaml", Encoding.UTF8.GetBytes(text));

    private static string OnlyError(YamlMap map) => Assert.Single(map.Problems.Errors).ToString();

    [Fact]
    public void TypedGettersReadWhatFits()
    {
        var map = Read("a: text\nb: 5\nc: true\nd: 90m\ne: 16MiB\nf: dark_blue\ng: [x, y]\nh: z\ni: {k: v}\nj: no\n");
        Assert.Equal("text", map.Text("a"));
        Assert.Equal(5, map.Integer("b", 0, 9));
        Assert.True(map.Flag("c"));
        Assert.Equal(TimeSpan.FromMinutes(90), map.Duration("d", TimeSpan.Zero, TimeSpan.MaxValue));
        Assert.Equal(16 << 20, map.Bytes("e", 0, long.MaxValue));
        Assert.Equal(Colour.DarkBlue, map.Choice<Colour>("f"));
        Assert.Equal(["x", "y"], map.Texts("g").AsEnumerable());
        Assert.Equal(["z"], map.Texts("h").AsEnumerable());
        Assert.Equal("v", map.Map("i")!.Text("k"));
        Assert.Equal("no", map.Text("j"));
        Assert.Null(map.Text("absent"));
        map.RefuseOthers();
        Assert.Empty(map.Problems.Errors);
    }

    [Fact]
    public void EveryMistakeIsReportedAtOnceInTheOrderOfTheFile()
    {
        var map = Read("flag: yes\nnumber: \"5\"\nwait: 60\nsize: 1MB\ncolour: rde\ntext: [a]\nmap: 3\ntwice: 1\ntwice: 2\nfalg: true\n");
        map.Map("map");
        map.Text("text");
        map.Choice<Colour>("colour");
        map.Bytes("size", 0, 100);
        map.Duration("wait", TimeSpan.Zero, TimeSpan.MaxValue);
        map.Integer("number", 0, 9);
        map.Flag("flag");
        map.Find("twice");
        map.RequireText("needed");
        map.RefuseOthers();
        Assert.Equal(
            [
                "f.yaml:1:1: \"needed\" is missing.",
                "f.yaml:1:7: flag: must be true or false, not \"yes\".",
                "f.yaml:2:9: number: must be a whole number from 0 to 9, not \"5\".",
                "f.yaml:3:7: wait: must be a duration such as 250ms, 60s, 10m, 8h or 30d, not \"60\".",
                "f.yaml:4:7: size: must be a size such as 512, 64KiB, 16MiB or 2GiB, not \"1MB\".",
                "f.yaml:5:9: colour: \"rde\" is not one of red, dark_blue. Did you mean red?",
                "f.yaml:6:7: text: must be a text, not a list.",
                "f.yaml:7:6: map: must be a mapping (key: value), not \"3\".",
                "f.yaml:9:1: twice: \"twice\" is written twice.",
                "f.yaml:10:1: falg: \"falg\" is not a known key here. Did you mean flag? " +
                    "Known keys: colour, flag, map, needed, number, size, text, twice, wait.",
            ],
            map.Problems.Errors.Select(static e => e.ToString()));
    }

    [Theory]
    [InlineData("a: &x 1\n", "f.yaml:1:4: a: anchors (&name) are not supported; write the value out.")]
    [InlineData("a: !!int 1\n", "f.yaml:1:4: a: tags (!name) are not supported.")]
    [InlineData("<<: {a: 1}\n", "f.yaml:1:1: merge keys (<<) are not supported; write the values out.")]
    [InlineData("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here; a file holds one.")]
    [InlineData("", "f.yaml:1:1: is empty.")]
    [InlineData("[a]\n", "f.yaml:1:1: must be a mapping (key: value), not a list.")]
    public void WhatPlainYamlDoesNotNeedIsRefused(string text, string error) => Assert.Equal(error, OnlyError(Read(text)));

    [Fact]
    public void AnAliasIsRefusedWhereItStands() =>
        Assert.Contains(Read("a: &x 1\nb: *x\n").Problems.Errors, static e => e.ToString().StartsWith("f.yaml:2:4: b: aliases", StringComparison.Ordinal));

    [Theory]
    [InlineData("a: [1\n")]
    [InlineData("a: 1\n b: 2\n")]
    [InlineData("a: \"x\n")]
    public void BrokenSyntaxIsOneErrorWithItsPlace(string text) =>
        Assert.Matches(@"^f\.yaml:\d+:\d+: is not YAML: ", OnlyError(Read(text)));

    [Fact]
    public void DepthSizeAndEncodingAreLimited()
    {
        Assert.Contains("deeper than 32", OnlyError(Read("a: " + new string('[', 5000) + new string(']', 5000))), StringComparison.Ordinal);
        Assert.Contains("larger than 4 MiB", OnlyError(YamlReader.Read("f.yaml", new byte[YamlReader.MaxBytes + 1])), StringComparison.Ordinal);
        Assert.Contains("not UTF-8", OnlyError(YamlReader.Read("f.yaml", [0x61, 0x3A, 0x20, 0xFF])), StringComparison.Ordinal);
        Assert.Contains("too many values", OnlyError(Read("a: [" + string.Concat(Enumerable.Repeat("1,", YamlReader.MaxNodes)) + "]")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0s", "must be from 1s to 7d, not 0s.")]
    [InlineData("8d", "must be from 1s to 7d, not 8d.")]
    [InlineData("99999999999999d", "must be a duration")]
    public void DurationsAreBounded(string text, string error)
    {
        var map = Read($"a: {text}\n");
        Assert.Null(map.Duration("a", TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)));
        Assert.Contains(error, OnlyError(map), StringComparison.Ordinal);
    }
}
