using System.Buffers;
using Sallyport.Postgres.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// The first byte says which view reads the rest. Whatever a view accepts, written again from what the view says, is the same
/// bytes: so the gateway and the server read one and the same message.
/// </summary>
internal sealed class ClientViewTarget : IFuzzTarget
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public string Name => "views";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. "Qselect 1\0"u8],
        [.. "Ps\0select $1\0"u8, 0, 2, 0, 0, 0, 23, 0, 0, 0, 25],
        [.. "P\0select\0"u8, 0, 0],
        [.. "Bp\0s\0"u8, 0, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 2, 52, 50, 255, 255, 255, 255, 0, 1, 0, 1],
        [.. "B\0\0"u8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [.. "DSs\0"u8], [.. "CPp\0"u8], [.. "Ep\0"u8, 0, 0, 0, 9],
    ];

    public void Check(byte[] input, Random random)
    {
        if (input.Length == 0)
            return;
        _output.ResetWrittenCount();
        var body = input.AsSpan(1);
        if (TryRewrite((char)input[0], body))
            Promise.Holds(_output.WrittenSpan[MessageFrame.HeaderLength..].SequenceEqual(body), "what is read is all that is there");
    }

    private bool TryRewrite(char type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case 'Q' when QueryView.TryRead(body, out var query):
                Promise.Holds(!query.Text.Contains((byte)0), "no text behind a NUL");
                MessageWriter.WriteQuery(_output, query.Text);
                return true;
            case 'P' when ParseView.TryRead(body, out var parse):
                MessageWriter.WriteParse(_output, parse.Name, parse.Text, parse.TypeOids);
                return true;
            case 'B' when BindView.TryRead(body, out var bind):
                MessageWriter.WriteBind(_output, bind.Portal, bind.Statement, Tail(bind));
                return true;
            case 'D' or 'C' when TargetView.TryRead(body, out var target):
                MessageWriter.WriteTarget(_output, (byte)type, target.IsPortal ? 'P' : 'S', target.Name);
                return true;
            case 'E' when ExecuteView.TryRead(body, out var execute):
                MessageWriter.WriteExecute(_output, execute.Portal, execute.MaxRows);
                return true;
            default:
                return false;
        }
    }

    private static byte[] Tail(BindView bind)
    {
        for (var i = 0; i < bind.ParameterCount; i++)
            Promise.Holds(BindView.FormatAt(bind.ParameterFormats, i) is 0 or 1, "every parameter is text or binary");
        return
        [
            .. Bytes.Int16(bind.ParameterFormats.Length / 2), .. bind.ParameterFormats, .. Bytes.Int16(bind.ParameterCount),
            .. bind.Parameters,
            .. Bytes.Int16(bind.ResultFormats.Length / 2), .. bind.ResultFormats,
        ];
    }
}
