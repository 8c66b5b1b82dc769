using Sallyport.Core;

namespace Sallyport.Core.Tests;

public sealed class CommandRecordTests
{
    [Fact]
    public void WhatWasWrittenIsRead()
    {
        var record = new CommandRecord
        {
            Number = 7,
            Decision = DecisionKind.Hold,
            Flags = CommandFlags.Prepared,
            Rule = "writes-wait"u8,
            Snapshot = "0123456789abcdef"u8,
            Text = "delete from t where id=$1"u8,
            Parameters = [0, 0],
        };
        var bytes = new byte[record.Size];
        record.Write(bytes);

        Assert.True(CommandRecord.TryRead(bytes, out var read));
        Assert.Equal(7UL, read.Number);
        Assert.Equal(DecisionKind.Hold, read.Decision);
        Assert.Equal(CommandFlags.Prepared, read.Flags);
        Assert.True(read.Rule.SequenceEqual("writes-wait"u8));
        Assert.True(read.Text.SequenceEqual("delete from t where id=$1"u8));
        Assert.Equal(2, read.Parameters.Length);
    }

    [Fact]
    public void EveryCutIsRefused()
    {
        var record = new CommandRecord
        {
            Number = 1,
            Decision = DecisionKind.Allow,
            Rule = "r"u8,
            Snapshot = "s"u8,
            Text = "select 1"u8,
            Parameters = [0, 0],
        };
        var bytes = new byte[record.Size];
        record.Write(bytes);

        for (var cut = 0; cut < bytes.Length; cut++)
            Assert.False(CommandRecord.TryRead(bytes.AsSpan(0, cut), out _), $"cut at {cut}");
    }
}
