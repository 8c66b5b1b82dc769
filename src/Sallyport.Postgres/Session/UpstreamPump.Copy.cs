using System.Buffers;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>The data of COPY … TO STDOUT: unread where nothing in it is masked or looked for, else through the masker.</summary>
internal sealed partial class UpstreamPump
{
    // Most sessions never copy.
    private CopyMasker? _copy;

    // A COPY whose data is not read before it is planned.
    private CopyStart? _copyStart;

    // Of the CopyData message that is being masked.
    private int _copyLeft;

    // Of a Query: each of its statements ends in one CommandComplete.
    private int _statement;

    /// <summary>Takes a CopyOutResponse: Int8 format, Int16 count of fields, Int16 each field's format.</summary>
    private Reply CopyOut(ref Pending head, ReadOnlySpan<byte> body)
    {
        if (head.Guard is not { } guard || !guard.LooksIntoCopy(head.Touches))
            return Reply.Pass;
        var reader = new BodyReader(body);
        if (!reader.TryByte(out var format) || !reader.TryCount(out var count) || reader.Remaining != count * sizeof(short))
            return Ended("a CopyOutResponse that cannot be read");
        if (head.Facts is not { } facts || _statement >= facts.Statements.Length ||
            facts.Statements[_statement] is not { Copy: { } options } statement || (options.Format == CopyFormat.Binary) != (format == 1))
            return Ended("COPY data of another statement than was due");
        // The gateway does not see what this transaction did to the columns.
        if (head.Touches && options is { Relation: not null, Columns.IsEmpty: true } && (_change != CatalogueChange.None || head.Change != CatalogueChange.None))
        {
            _state.End(
                SessionEnd.ProtocolViolation, "a COPY without column names in a transaction that changed relations", SessionWords.CopyOfUnknown);
            return Reply.End;
        }
        _copyStart = new CopyStart(guard, statement, count, head.Touches);
        return Reply.Pass;
    }

    /// <summary>
    /// Plans the COPY that begins. The server has locked what it copies: only what the catalogue says from here on is sure to be what
    /// comes, even where somebody else changed the columns while the COPY waited for the lock. False when the session is over.
    /// </summary>
    private async ValueTask<bool> PlanCopyAsync()
    {
        var (guard, statement, count, touches) = _copyStart!;
        if (touches)
        {
            _state.Services.Catalogues.Mark(_state.Resource, CatalogueChange.Possible);
            var catalogue = await _state.Services.Catalogues.RefreshAsync(_state.Resource, _state.Session.Killed);
            guard = catalogue is null ? null : MaskGuards.Of(guard.Masks, catalogue, _state.Services.Sql).In(guard.Scope.On(catalogue));
        }
        if (guard?.PlanCopy(statement, count) is not { } plan)
        {
            _state.End(SessionEnd.UpstreamLost, "COPY data of no known shape", SessionWords.CopyOfUnknown);
            return false;
        }
        _copyStart = null;
        if (!plan.IsPassThrough)
            (_copy ??= new CopyMasker(_state.Services.Masker)).Begin(plan, statement.Copy!);
        return true;
    }

    /// <summary>Masks as much of a CopyData message as is here; false when it cannot be masked.</summary>
    private bool MaskCopy(ref ReadOnlySequence<byte> rest)
    {
        var part = rest.FirstSpan[..Math.Min(Math.Min(rest.FirstSpan.Length, _copyLeft), LargestPart)];
        _copyLeft -= part.Length;
        var outcome = _copy!.Feed(part, _answer);
        rest = rest.Slice(part.Length);
        switch (outcome)
        {
            case CopyOutcome.TooLarge:
                _state.End(SessionEnd.UpstreamLost, "a row of a COPY is too large for its columns to be masked", SessionWords.RowTooLarge);
                return false;
            case CopyOutcome.Refused:
                Broke("COPY data that does not fit its columns");
                return false;
        }
        if (_copyLeft == 0)
            _copy.EndMessage(_answer);
        return true;
    }

    private Reply CopyDone() => _copy?.End() != false ? Reply.Pass : Ended("COPY data that stops inside a row");

    /// <summary>A COPY of which the server said that it begins, and in how many fields.</summary>
    private sealed record CopyStart(MaskGuard Guard, SqlStatement Statement, int Count, bool Touches);
}
