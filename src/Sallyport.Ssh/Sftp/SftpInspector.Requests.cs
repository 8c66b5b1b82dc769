using System.Buffers.Binary;

namespace Sallyport.Ssh.Sftp;

// From the client to the target.
public sealed partial class SftpInspector
{
    /// <summary>Length, type, id and the length of the handle.</summary>
    private const int WriteStart = SftpProtocol.LengthSize + 1 + 4 + 4;

    /// <summary>The offset and the length of the data.</summary>
    private const int WriteEnd = 8 + 4;

    private static readonly byte[] Init = [0, 0, 0, 5, (byte)SftpType.Init, 0, 0, 0, (byte)SftpProtocol.Version];

    private Pieces _request;
    private SftpRequest _pending;
    private bool _isInitialised;

    /// <summary>The packet in <see cref="_request"/> was let through and is to be forwarded.</summary>
    private bool _isPermitted;

    private int _requestBody;

    /// <summary>Where the body goes; null when the packet is dropped.</summary>
    private SequentialHash? _requestTarget;

    /// <summary>Lets <see cref="Pending"/> through: the next call forwards it.</summary>
    public void Permit()
    {
        if (Pending is null)
            throw new InvalidOperationException("No operation waits for a decision.");
        _isPermitted = true;
        _requests.Add(_pending.Id, _pending with { Operation = null });
        _pending = default;
    }

    /// <summary>Answers <see cref="Pending"/> with SSH_FX_PERMISSION_DENIED; the target never sees it.</summary>
    /// <param name="message">For the client: the rule's text.</param>
    public void Refuse(string message)
    {
        if (Pending is null)
            throw new InvalidOperationException("No operation waits for a decision.");
        Answer(_pending.Id, SftpStatus.PermissionDenied, message);
        _pending = default;
        _request.Clear();
    }

    /// <summary>Takes bytes of the client.</summary>
    /// <param name="input">What has come and was not consumed yet.</param>
    /// <param name="consumed">How much of it was taken; the rest is to be given again.</param>
    /// <param name="forward">For the target: a slice of the input or of a buffer of the inspector's.</param>
    public SftpStep NextRequest(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> forward)
    {
        consumed = 0;
        forward = default;
        if (Fault is not null)
            return SftpStep.Broken;
        if (Pending is not null)
            return SftpStep.Decide;
        if (_isPermitted)
        {
            _isPermitted = false;
            forward = _request.Span;
            _request.Clear();
            return SftpStep.Forward;
        }
        if (_requestBody > 0)
        {
            var isDropped = _requestTarget is null;
            TakeBody(input, ref consumed);
            forward = isDropped ? default : input[..consumed];
            if (!forward.IsEmpty || input.IsEmpty)
                return forward.IsEmpty ? SftpStep.NeedInput : SftpStep.Forward;
        }
        return _request.Length > 0 ? Complete(input, ref consumed, out forward) : Walk(input, ref consumed, out forward);
    }

    /// <summary>Packets that are whole in the input (of a WRITE its header): those that pass are one slice.</summary>
    private SftpStep Walk(ReadOnlySpan<byte> input, scoped ref int at, out ReadOnlySpan<byte> forward)
    {
        var start = at;
        forward = default;
        while (at < input.Length)
        {
            var rest = input[at..];
            var needed = Needed(rest);
            if (needed < 0)
                return Break("the client sent a packet of a length that none has");
            if (needed > rest.Length)
                break;
            var type = (SftpType)rest[SftpProtocol.LengthSize];
            // What may be rewritten, refused or held must not stand in a run that passes.
            if (at > start && !IsQuick(type))
                return Run(input, start, at, out forward);
            var end = at;
            var course = Take(rest[..needed], out var fault);
            if (fault is not null)
                return Break(fault);
            at += needed;
            if (course == SftpCourse.Decide)
            {
                _request.Add(rest[..needed]);
                return SftpStep.Decide;
            }
            TakeBody(input, ref at);
            if (course == SftpCourse.Pass && type != SftpType.Init)
                continue;
            if (type == SftpType.Init)
            {
                forward = Init;
                return SftpStep.Forward;
            }
            if (end > start)
                return Run(input, start, end, out forward);
            start = at;
        }
        if (at > start)
            return Run(input, start, at, out forward);
        _request.Add(input[at..]);
        at = input.Length;
        return SftpStep.NeedInput;
    }

    /// <summary>A packet whose start came before.</summary>
    private SftpStep Complete(ReadOnlySpan<byte> input, scoped ref int at, out ReadOnlySpan<byte> forward)
    {
        forward = default;
        int needed;
        while (true)
        {
            needed = Needed(_request.Span);
            if (needed < 0)
                return Break("the client sent a packet of a length that none has");
            if (needed <= _request.Length)
                break;
            if (!_request.Fill(input, ref at, needed))
                return SftpStep.NeedInput;
        }
        var isInit = _request.Span[SftpProtocol.LengthSize] == (byte)SftpType.Init;
        var course = Take(_request.Span, out var fault);
        if (fault is not null)
            return Break(fault);
        if (course == SftpCourse.Decide)
            return SftpStep.Decide;
        forward = isInit ? Init : course == SftpCourse.Pass ? _request.Span : default;
        _request.Clear();
        if (course == SftpCourse.Pass)
            return SftpStep.Forward;
        TakeBody(input, ref at);
        return at < input.Length ? Walk(input, ref at, out forward) : SftpStep.NeedInput;
    }

    private static SftpStep Run(ReadOnlySpan<byte> input, int start, int end, out ReadOnlySpan<byte> forward)
    {
        forward = input[start..end];
        return SftpStep.Forward;
    }

    private static bool IsQuick(SftpType type) =>
        type is SftpType.Read or SftpType.Write or SftpType.Close or SftpType.FStat or SftpType.ReadDir;

    /// <summary>How many bytes must be there to go on: the packet, of a WRITE all before its data. -1: no packet is so.</summary>
    private static int Needed(ReadOnlySpan<byte> bytes)
    {
        if (NeededOfStart(bytes) is var start and not 0)
            return start;
        var total = TotalLength(bytes);
        if (total < 0 || bytes[SftpProtocol.LengthSize] != (byte)SftpType.Write)
            return total;
        if (total < WriteStart + WriteEnd)
            return -1;
        if (bytes.Length < WriteStart)
            return WriteStart;
        var handle = BinaryPrimitives.ReadUInt32BigEndian(bytes[(WriteStart - 4)..]);
        return handle > SftpProtocol.LongestHandle || total < WriteStart + (int)handle + WriteEnd ? -1 : WriteStart + (int)handle + WriteEnd;
    }

    /// <summary>What is to become of a packet, and notes what its answer will be about.</summary>
    private SftpCourse Take(ReadOnlySpan<byte> packet, out string? fault)
    {
        fault = null;
        var type = (SftpType)packet[SftpProtocol.LengthSize];
        if (!_isInitialised || type == SftpType.Init)
        {
            var isFirst = !_isInitialised && type == SftpType.Init && packet.Length >= 9 &&
                BinaryPrimitives.ReadUInt32BigEndian(packet[5..]) >= SftpProtocol.Version;
            fault = isFirst ? null : "the client did not begin with INIT of version 3 or later";
            _isInitialised = true;
            return SftpCourse.Pass;
        }
        if (packet.Length < AnswerStart)
            fault = "the client sent a request without an id";
        if (fault is not null)
            return SftpCourse.Pass;
        SftpRequest request;
        var course = type == SftpType.Write ? Write(packet, out request, out fault) : SftpRequestReader.Read(packet, _handles, out request);
        if (_requests.ContainsKey(request.Id))
            fault = "the client gave two requests one id";
        else if (_requests.Count == MostRequests)
            fault = "the client has too many requests that were not answered";
        if (fault is not null)
            return course;
        if (course == SftpCourse.Answer)
            Answer(request.Id, request.Status, request.Message!);
        else if (course == SftpCourse.Decide)
            _pending = request;
        else
            _requests.Add(request.Id, request);
        if (course == SftpCourse.Pass && type == SftpType.Close)
            _handles.Remove(packet[WriteStart..][..(int)BinaryPrimitives.ReadUInt32BigEndian(packet[(WriteStart - 4)..])]);
        return course;
    }

    private SftpCourse Write(ReadOnlySpan<byte> header, out SftpRequest request, out string? fault)
    {
        var name = header[WriteStart..^WriteEnd];
        var offset = BinaryPrimitives.ReadUInt64BigEndian(header[^WriteEnd..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[^4..]);
        request = new SftpRequest(SftpType.Write, BinaryPrimitives.ReadUInt32BigEndian(header[5..])) { Offset = offset };
        _requestBody = TotalLength(header) - header.Length;
        _requestTarget = null;
        fault = length == (uint)_requestBody ? null : "the client sent a WRITE whose lengths contradict each other";
        if (_handles.TryFind(name, out var handle))
        {
            request.Handle = handle;
            _requestTarget = handle.Written;
            _requestTarget.Seek(offset);
            return SftpCourse.Pass;
        }
        request.Status = SftpStatus.Failure;
        request.Message = "the handle is not open";
        return SftpCourse.Answer;
    }

    private void TakeBody(ReadOnlySpan<byte> input, scoped ref int at)
    {
        var part = input.Slice(at, Math.Min(_requestBody, input.Length - at));
        if (part.IsEmpty)
            return;
        _requestTarget?.Add(part);
        _requestBody -= part.Length;
        at += part.Length;
    }
}
