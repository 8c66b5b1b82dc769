using System.Text;
using Sallyport.Core;
using Sallyport.Recording;

namespace Sallyport.Tests.Support;

/// <summary>Small recordings and the files of a small gateway.</summary>
internal static class Samples
{
    public const string Configuration = """
        listen: { postgres: 127.0.0.1:6432 }
        data: ./data
        resources:
          - { name: shop, postgres: { upstream: localhost, user: app } }
        identity:
          principals:
            - { name: bot-7, kind: agent, groups: [agents], onBehalfOf: ana }
        """;

    public const string Policy = """
        version: 1
        rules:
          - { name: reads, who: agents, on: shop, do: read, then: allow }
          - { name: where, who: everyone, on: shop, do: delete, if: { where: missing }, then: deny, message: Add a WHERE clause. }
        masks:
          - { name: mail, on: shop, columns: { public.customers.email: email } }
        tests:
          - { as: { user: bot-7, groups: [agents] }, on: shop, run: "select 1 from customers", expect: allow by reads }
        """;

    public static Recorder OpenRecorder(string folder, ISegmentIndexStore? index)
    {
        var options = new RecorderOptions { Folder = folder, RingBytes = 1 << 20, MinimumFreeBytes = 0, ReservedBytes = 0 };
        return Recorder.Open(options, TimeProvider.System, index).Recorder!;
    }

    public static void Append(ISessionRecorder recorder, RecordKind kind, ReadOnlySpan<byte> payload) =>
        Assert.Equal(RecordOutcome.Taken, recorder.TryAppend(kind, payload, [], out _));

    public static byte[] Command(string text)
    {
        var record = new CommandRecord
        {
            Number = 1,
            Decision = DecisionKind.Allow,
            Rule = "reads"u8,
            Snapshot = "0123456789abcdef"u8,
            Text = Encoding.UTF8.GetBytes(text),
            Parameters = [0, 0],
        };
        var payload = new byte[record.Size];
        record.Write(payload);
        return payload;
    }
}
