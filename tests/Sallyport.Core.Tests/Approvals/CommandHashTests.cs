namespace Sallyport.Core.Tests;

public sealed class CommandHashTests : IDisposable
{
    private static readonly Principal Bot = new() { Name = "bot-7", OnBehalfOf = "ana" };

    private readonly CommandHash _hash = new();

    public void Dispose() => _hash.Dispose();

    [Fact]
    public void TheSameCommandHashesTheSameWhateverCameBefore()
    {
        _hash.Begin(Bot, "other");
        _hash.AddText("left unfinished"u8);

        var again = Of("select $1"u8, hash => hash.AddParameter(25, 0, "a"u8));

        using var fresh = new CommandHash();
        fresh.Begin(Bot with { Name = "BOT-7", OnBehalfOf = "Ana" }, "shop");
        fresh.AddText("select $1"u8);
        fresh.AddParameter(25, 0, "a"u8);
        Assert.Equal(fresh.Finish().AsSpan(), again);
    }

    [Fact]
    public void Threat83_WhateverDiffersHashesDifferently()
    {
        var all = new List<byte[]>
        {
            Of("select $1"u8),
            Of("select $2"u8),
            Of("select $1 "u8),
            Of("select $1"u8, hash => hash.AddParameter(25, 0, "a"u8)),
            Of("select $1"u8, hash => hash.AddParameter(25, 1, "a"u8)),
            Of("select $1"u8, hash => hash.AddParameter(23, 0, "a"u8)),
            Of("select $1"u8, hash => hash.AddParameter(25, 0, ""u8)),
            Of("select $1"u8, hash => hash.AddNullParameter(25, 0)),
            Of("select $1"u8, hash => { hash.AddParameter(25, 0, "a"u8); hash.AddParameter(25, 0, "b"u8); }),
            Of("select $1"u8, hash => { hash.AddParameter(25, 0, "ab"u8); hash.AddParameter(25, 0, ""u8); }),
            Of("select $1"u8, hash => { hash.AddParameter(25, 0, "b"u8); hash.AddParameter(25, 0, "a"u8); }),
            Of("select $1"u8, principal: Bot with { OnBehalfOf = null }),
            Of("select $1"u8, principal: new Principal { Name = "bot-7ana" }),
            Of("select $1"u8, principal: new Principal { Name = "ana", OnBehalfOf = "bot-7" }),
            Of("select $1"u8, resource: "shop2"),
            Of("2select $1"u8, resource: "shop"),
        };

        Assert.Equal(all.Count, all.Select(Convert.ToHexString).Distinct().Count());
        Assert.All(all, one => Assert.Equal(CommandHash.Size, one.Length));
    }

    private byte[] Of(ReadOnlySpan<byte> text, Action<CommandHash>? parameters = null, Principal? principal = null, string resource = "shop")
    {
        _hash.Begin(principal ?? Bot, resource);
        _hash.AddText(text);
        parameters?.Invoke(_hash);
        return [.. _hash.Finish()];
    }
}
