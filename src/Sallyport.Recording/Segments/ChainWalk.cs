using Sallyport.Core;

namespace Sallyport.Recording.Segments;

/// <summary>One walk along the chain: what was seen so far and what was found wrong.</summary>
internal sealed class ChainWalk(TrustedKeys keys, VerifyOptions options)
{
    private byte[]? _previousFinal;
    private string? _previousName;
    private long _previousNumber;
    private bool _previousSealed = true;
    private bool _expectedSeen = options.ExpectedHead is null;
    private int _segments;
    private long _blocks;
    private long _records;
    private long _sessionRecords;

    public List<VerifyFinding> Findings { get; } = [];

    public void Check(SegmentName place, bool isLast, bool isLive, IEnumerable<HeadEntry> heads)
    {
        _segments++;
        using var input = TryOpen(place, out var foreign);
        if (input is null)
        {
            if (foreign is not null)
                Findings.Add(new VerifyFinding(VerifyFindingKind.HeaderEdited, place.Name, foreign + ".") { Offset = 0 });
            else if (!isLive)
                Add(VerifyFindingKind.HeaderEdited, place, "is no segment: its header cannot be read", null, 0);
            _previousFinal = null;
            return;
        }
        CheckLink(place, input);
        var awaited = heads.DistinctBy(static head => Convert.ToHexStringLower(head.Hash))
            .ToDictionary(static head => Convert.ToHexStringLower(head.Hash));
        var final = Walk(place, input, isLast, isLive, awaited);
        if (awaited.Count > 0)
        {
            var head = awaited.Values.MaxBy(static head => head.NextRecord)!;
            Add(
                VerifyFindingKind.TailCut, place,
                $"does not contain the head noted at {head.At:O} after record {head.NextRecord - 1}: the end was cut off or the chain written anew",
                null, input.Length);
        }
        _previousFinal = final;
        _previousName = place.Name;
        _previousNumber = input.Header.Number;
    }

    public void CheckExpectedHead(string lastSegment)
    {
        if (_expectedSeen)
            return;
        const string Message = "The expected head is nowhere in the chain: the end was cut off or the chain written anew.";
        Findings.Add(new VerifyFinding(VerifyFindingKind.TailCut, lastSegment, Message));
    }

    public VerifyReport ToReport()
    {
        var findings = options.Session is { } session
            ? Findings.Where(finding => finding.Session is null || finding.Session == session).ToList()
            : Findings;
        return new VerifyReport(findings, _segments, _blocks, _records, _sessionRecords, _previousFinal ?? new byte[ChainHash.Size]);
    }

    private static SegmentInput? TryOpen(SegmentName place, out string? foreign)
    {
        foreign = null;
        try
        {
            return SegmentInput.TryOpen(place.Path);
        }
        catch (InvalidDataException error)
        {
            foreign = error.Message;
            return null;
        }
    }

    private void CheckLink(SegmentName place, SegmentInput input)
    {
        if (_previousName is null)
            return;
        if (input.Header.Number != _previousNumber + 1)
            Add(VerifyFindingKind.SegmentMissing, place, $"is number {input.Header.Number}, but {_previousName} before it is {_previousNumber}", null, 0);
        else if (_previousFinal is not null && !_previousFinal.AsSpan().SequenceEqual(input.Header.Previous))
        {
            var kind = _previousSealed ? VerifyFindingKind.ChainBroken : VerifyFindingKind.TailCut;
            Add(kind, place, $"names another final hash for {_previousName} than that one has", null, 0);
        }
    }

    /// <summary>Follows the blocks to the seal or the end; answers the final hash.</summary>
    private byte[] Walk(SegmentName place, SegmentInput input, bool isLast, bool isLive, Dictionary<string, HeadEntry> awaited)
    {
        var chain = input.HeaderHash;
        See(chain, awaited);
        var nextRecord = input.Header.FirstRecord;
        long offset = SegmentHeader.Size;
        _previousSealed = false;
        for (var block = 0; ; block++)
        {
            switch (input.ReadAt(offset))
            {
                case BlockOutcome.Block:
                    _blocks++;
                    CheckBlock(place, input, block, offset, chain, nextRecord);
                    chain = input.Hash.ToArray();
                    See(chain, awaited);
                    if (input.Block.Kind == BlockKind.Records)
                        nextRecord = input.Block.FirstRecord + input.Block.Count;
                    offset += input.Block.Length + BlockHeader.Overhead;
                    continue;
                case BlockOutcome.Seal:
                    CheckSeal(place, input, offset, chain, nextRecord);
                    _previousSealed = true;
                    return chain;
                case BlockOutcome.End when !isLast:
                    Add(VerifyFindingKind.SealMissing, place, "ends without its seal, though another segment follows", block, offset);
                    return chain;
                case BlockOutcome.Partial when !isLive:
                    Add(VerifyFindingKind.TailCut, place, $"ends in the middle of block {block}", block, offset);
                    return chain;
                case BlockOutcome.Broken:
                    Add(VerifyFindingKind.BlockEdited, place, $"has no block where block {block} should be; what follows cannot be read", block, offset);
                    return chain;
                default:
                    return chain;
            }
        }
    }

    private void See(byte[] hash, Dictionary<string, HeadEntry> awaited)
    {
        awaited.Remove(Convert.ToHexStringLower(hash));
        _expectedSeen |= options.ExpectedHead is { } expected && expected.AsSpan().SequenceEqual(hash);
    }

    private void CheckBlock(SegmentName place, SegmentInput input, int block, long offset, byte[] chain, long nextRecord)
    {
        var follows = input.Previous.SequenceEqual(chain);
        var first = input.Block.FirstRecord;
        if (!follows && first > nextRecord)
        {
            var moved = StandsLater(place, offset, nextRecord);
            Add(
                moved ? VerifyFindingKind.BlockReordered : VerifyFindingKind.BlockRemoved, place,
                $"has records {nextRecord} to {first - 1} {(moved ? "in another place" : "removed")} before block {block}", block, offset);
        }
        else if (!follows && first < nextRecord)
            Add(VerifyFindingKind.BlockReordered, place, $"has record {first} in block {block}, after record {nextRecord - 1}", block, offset);
        else if (!follows)
            Add(VerifyFindingKind.ChainBroken, place, $"has a block {block} that does not follow from what stands before it", block, offset);
        var recordsFine = input.Block.Kind != BlockKind.Records || CheckRecords(place, input, block, offset);
        if (recordsFine && !input.Hash.SequenceEqual(input.ComputeHash()))
            Add(VerifyFindingKind.BlockEdited, place, $"has a block {block} whose bytes are not what was written", block, offset);
    }

    private bool CheckRecords(SegmentName place, SegmentInput input, int block, long offset)
    {
        var records = new BlockRecords(input.Payload);
        var fine = true;
        var index = 0;
        for (; records.MoveNext(); index++)
        {
            _records++;
            var header = records.Header;
            if (header.Session == options.Session)
                _sessionRecords++;
            if (records.IsIntact)
                continue;
            fine = false;
            AddRecord(place, block, index, offset + BlockHeader.Size + records.Offset, header.Session, header.Sequence);
        }
        if (fine && (records.Next != input.Payload.Length || index != input.Block.Count))
        {
            // The length of this one was changed: nothing after it in the block can be read.
            AddRecord(place, block, index, offset + BlockHeader.Size + records.Next, null, null);
            return false;
        }
        return fine;
    }

    private void CheckSeal(SegmentName place, SegmentInput input, long offset, byte[] chain, long nextRecord)
    {
        var bytes = input.ReadSealBytes(offset);
        if (!Seal.TryRead(bytes, out var seal) || !keys.Accepts(input.Header.KeyId, bytes))
            Add(VerifyFindingKind.SealInvalid, place, "carries a seal that no trusted key made", null, offset);
        else if (!seal.FinalHash.AsSpan().SequenceEqual(chain) || seal.NextRecord != nextRecord)
            Add(VerifyFindingKind.SealInvalid, place, $"was sealed with another content: after record {seal.NextRecord - 1}", null, offset);
        if (input.Length != offset + Seal.Size)
            Add(VerifyFindingKind.ChainBroken, place, "goes on after its seal", null, offset + Seal.Size);
    }

    private static bool StandsLater(SegmentName place, long offset, long record)
    {
        using var input = SegmentInput.TryOpen(place.Path);
        while (input is not null && input.ReadAt(offset) == BlockOutcome.Block)
        {
            if (input.Block.Kind == BlockKind.Records && input.Block.FirstRecord == record)
                return true;
            offset += input.Block.Length + BlockHeader.Overhead;
        }
        return false;
    }

    private void AddRecord(SegmentName place, int block, int record, long offset, SessionId? session, long? sequence)
    {
        var whose = session is null ? "unreadable" : $"session {session}, sequence {sequence}";
        var message = $"{place.Name}: record {record} of block {block} was edited ({whose}, offset {offset}).";
        Findings.Add(new VerifyFinding(VerifyFindingKind.RecordEdited, place.Name, message)
        {
            Block = block,
            Record = record,
            Session = session,
            Sequence = sequence,
            Offset = offset,
        });
    }

    private void Add(VerifyFindingKind kind, SegmentName place, string what, int? block, long offset) =>
        Findings.Add(new VerifyFinding(kind, place.Name, $"{place.Name} {what} (offset {offset}).") { Block = block, Offset = offset });
}
