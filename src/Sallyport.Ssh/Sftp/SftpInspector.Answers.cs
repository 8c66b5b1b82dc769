using System.Buffers.Binary;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Sftp;

// From the target to the client.
public sealed partial class SftpInspector
{
    /// <summary>Length, type and id.</summary>
    private const int AnswerStart = SftpProtocol.LengthSize + 1 + 4;

    private Pieces _answer;
    private int _answerBody;
    private bool _hasVersion;

    /// <summary>Where the body comes from; null when it is no content of a file.</summary>
    private SequentialHash? _answerSource;

    /// <summary>Takes bytes of the target. What is answered here comes between two of its packets.</summary>
    /// <param name="input">What has come and was not consumed yet; may be empty when <see cref="HasAnswers"/>.</param>
    /// <param name="consumed">How much of it was taken; the rest is to be given again.</param>
    /// <param name="forward">For the client: a slice of the input or of a buffer of the inspector's.</param>
    public SftpStep NextAnswer(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> forward)
    {
        consumed = 0;
        forward = default;
        // Here and not where one is added: what was given last may still be on its way.
        if (_injectedGiven == _injected.Written.Length)
        {
            _injected.Clear();
            _injectedGiven = 0;
        }
        if (HasAnswers)
        {
            forward = _injected.Written[_injectedGiven..];
            _injectedGiven = _injected.Written.Length;
            return SftpStep.Forward;
        }
        if (Fault is not null)
            return SftpStep.Broken;
        if (_answerBody > 0)
        {
            TakeAnswerBody(input, ref consumed);
            forward = input[..consumed];
            return consumed > 0 ? SftpStep.Forward : SftpStep.NeedInput;
        }
        return _answer.Length > 0 ? CompleteAnswer(input, ref consumed, out forward) : WalkAnswers(input, ref consumed, out forward);
    }

    private SftpStep WalkAnswers(ReadOnlySpan<byte> input, scoped ref int at, out ReadOnlySpan<byte> forward)
    {
        var start = at;
        forward = default;
        while (at < input.Length)
        {
            var rest = input[at..];
            var needed = NeededOfAnswer(rest);
            if (needed < 0)
                return Break("the target sent a packet of a length that none has");
            if (needed > rest.Length)
                break;
            if (TakeAnswer(rest[..needed]) is { } fault)
                return Break(fault);
            at += needed;
            if (rest[SftpProtocol.LengthSize] == (byte)SftpType.Version)
            {
                forward = _answer.Span;
                _answer.Clear();
                return SftpStep.Forward;
            }
            TakeAnswerBody(input, ref at);
        }
        if (at > start)
            return Run(input, start, at, out forward);
        _answer.Add(input[at..]);
        at = input.Length;
        return SftpStep.NeedInput;
    }

    private SftpStep CompleteAnswer(ReadOnlySpan<byte> input, scoped ref int at, out ReadOnlySpan<byte> forward)
    {
        forward = default;
        int needed;
        while (true)
        {
            needed = NeededOfAnswer(_answer.Span);
            if (needed < 0)
                return Break("the target sent a packet of a length that none has");
            if (needed <= _answer.Length)
                break;
            if (!_answer.Fill(input, ref at, needed))
                return SftpStep.NeedInput;
        }
        if (TakeAnswer(_answer.Span) is { } fault)
            return Break(fault);
        forward = _answer.Span;
        _answer.Clear();
        return SftpStep.Forward;
    }

    /// <summary>How many bytes must be there to go on: HANDLE and VERSION whole, of others what says what they are. -1: none is so.</summary>
    private static int NeededOfAnswer(ReadOnlySpan<byte> bytes)
    {
        if (NeededOfStart(bytes) is var start and not 0)
            return start;
        var total = TotalLength(bytes);
        var needed = (SftpType)bytes[SftpProtocol.LengthSize] switch
        {
            SftpType.Data or SftpType.Status => AnswerStart + 4,
            SftpType.Name or SftpType.Attrs or SftpType.ExtendedReply => AnswerStart,
            _ => total,
        };
        return total < needed ? -1 : needed;
    }

    /// <summary>Null, or what the target did wrong. A VERSION is put into <see cref="_answer"/> anew.</summary>
    private string? TakeAnswer(ReadOnlySpan<byte> packet)
    {
        var type = (SftpType)packet[SftpProtocol.LengthSize];
        if (type == SftpType.Version)
            return TakeVersion(packet);
        if (packet.Length < AnswerStart || !_hasVersion)
            return "the target did not begin with VERSION";
        var id = BinaryPrimitives.ReadUInt32BigEndian(packet[5..]);
        if (!_requests.Remove(id, out var request))
            return "the target answered what was not asked";
        _answerBody = TotalLength(packet) - packet.Length;
        _answerSource = null;
        switch (type)
        {
            case SftpType.Status:
                TakeStatus(request, (SftpStatus)BinaryPrimitives.ReadUInt32BigEndian(packet[AnswerStart..]));
                return null;
            case SftpType.Handle:
                return TakeHandle(packet, request);
            case SftpType.Data when request.Type == SftpType.Read:
                _answerSource = request.Handle!.Read;
                _answerSource.Seek(request.Offset);
                return BinaryPrimitives.ReadUInt32BigEndian(packet[AnswerStart..]) == (uint)_answerBody
                    ? null : "the target sent DATA whose lengths contradict each other";
            case SftpType.Name or SftpType.Attrs or SftpType.ExtendedReply
                when request.Type is not (SftpType.Open or SftpType.OpenDir or SftpType.Close or SftpType.Write):
                return null;
            default:
                return $"the target answered with a packet of type {(byte)type} that does not fit";
        }
    }

    private void TakeStatus(SftpRequest request, SftpStatus status)
    {
        if (request.Type == SftpType.Close)
            Report(request.Handle!, isClosed: true);
        else if (request.Type == SftpType.Write && status != SftpStatus.Ok)
            request.Handle!.Written.Break();
    }

    private string? TakeHandle(ReadOnlySpan<byte> packet, SftpRequest request)
    {
        var reader = new SshReader(packet[AnswerStart..]);
        if (request.Path is not { } path || !reader.TryReadString(out var name) || !reader.IsAtEnd)
            return "the target sent a handle that was not asked for, or is none";
        var isAdded = _handles.TryAdd(name, new SftpHandle(path, request.Type == SftpType.OpenDir));
        return isAdded ? null : "the target gave one handle twice, or too many";
    }

    /// <summary>Version 3, and of the extensions those that are let through.</summary>
    private string? TakeVersion(ReadOnlySpan<byte> packet)
    {
        var reader = new SshReader(packet[(SftpProtocol.LengthSize + 1)..]);
        if (_hasVersion || !_isInitialised || !reader.TryReadUInt32(out var version) || version != SftpProtocol.Version)
            return "the target speaks another version, or sent one twice";
        var written = new SshWriter().UInt32(0).Byte((byte)SftpType.Version).UInt32(version);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadString(out var name) || !reader.TryReadString(out var value))
                return "the target sent a malformed VERSION";
            if (SftpRequestReader.IsKnownExtension(name))
                written.String(name).String(value);
        }
        var answer = written.Written.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(answer, (uint)(answer.Length - SftpProtocol.LengthSize));
        _answer.Clear();
        _answer.Add(answer);
        _hasVersion = true;
        return null;
    }

    private void TakeAnswerBody(ReadOnlySpan<byte> input, scoped ref int at)
    {
        var part = input.Slice(at, Math.Min(_answerBody, input.Length - at));
        if (part.IsEmpty)
            return;
        _answerSource?.Add(part);
        _answerBody -= part.Length;
        at += part.Length;
    }
}
