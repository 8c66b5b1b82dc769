using System.Buffers;
using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Channels;

namespace Sallyport.Ssh.Tests.Channels;

public sealed class OutputMasksTests
{
    /// <summary>
    /// What was held back and found no room in the recorder was given again in place of the next chunk, which nobody ever saw; and who
    /// waited for room waited for himself.
    /// </summary>
    [Fact]
    public void WhatWasReleasedAndNotTakenIsNoChunk()
    {
        var masks = new OutputMasks(new Keeping(), new Keeping());
        Assert.Equal("", Encoding.ASCII.GetString(masks.Mask(1, "held"u8)));
        masks.Taken();

        Assert.Equal("held", Encoding.ASCII.GetString(masks.Release(1)));

        Assert.Equal((1u, false), (masks.Released, masks.IsPending));
        Assert.Equal("held", Encoding.ASCII.GetString(masks.Release(masks.Released!.Value)));
        masks.Taken();
        Assert.Null(masks.Released);
        masks.Mask(0, "next"u8);
        Assert.Equal((null, true), (masks.Released, masks.IsPending));
    }

    /// <summary>Holds everything back.</summary>
    private sealed class Keeping : IStreamMasker
    {
        private readonly ArrayBufferWriter<byte> _held = new();

        public bool IsHolding => _held.WrittenCount > 0;

        public long MaskedBytes => 0;

        public Detectors Found => Detectors.None;

        public void Write(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output) => _held.Write(chunk);

        public void Release(IBufferWriter<byte> output)
        {
            output.Write(_held.WrittenSpan);
            _held.ResetWrittenCount();
        }

        public void Credit(ReadOnlySpan<byte> typed)
        {
        }
    }
}
