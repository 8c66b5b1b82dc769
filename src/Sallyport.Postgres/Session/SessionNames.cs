using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What names mean in one session, as the session itself said last, and whether anything may have changed it since. Belongs to the
/// client's pump, but for <see cref="PathReported"/>.
/// </summary>
internal sealed class SessionNames
{
    private SearchPath? _path;
    private TemporaryRelations _temporary = TemporaryRelations.None;
    private RelationScope? _scope;
    private RelationScope? _open;
    private UInt128 _schemas;
    private bool _isMoved = true;

    // What moved names was part of a transaction that may not have ended, and its end may move them back.
    private bool _mayMoveBack;

    // So was a change of what the database has, which no other connection sees before that end.
    private bool _hasChanges;
    private volatile bool _isReported;

    /// <summary>Goes up with all that may have moved names: what was resolved at another number may mean something else.</summary>
    public int Epoch { get; private set; }

    /// <summary>Whether names can be resolved by this reading of the catalogue without asking the session anew.</summary>
    public bool AreFresh(Catalogue.Catalogue catalogue) => !_isMoved && !_isReported && _schemas == catalogue.SchemaDigest;

    /// <summary>Whether the session may have temporary relations. One that began has none.</summary>
    public bool MayHaveOwn { get; private set; }

    /// <summary>All that names may mean, wherever the session looks.</summary>
    public RelationScope Open(Catalogue.Catalogue catalogue)
    {
        if (_open is { } known && ReferenceEquals(known.Catalogue, catalogue))
            return known;
        return _open = _temporary.IsEmpty ? catalogue.Anywhere : new RelationScope(catalogue, null, false, _temporary);
    }

    /// <summary>What names mean now; anything while that is not known.</summary>
    public RelationScope In(Catalogue.Catalogue catalogue)
    {
        if (!AreFresh(catalogue) || _path is not { } path)
            return Open(catalogue);
        if (_scope is { } known && ReferenceEquals(known.Catalogue, catalogue))
            return known;
        return _scope = _temporary.IsEmpty ? catalogue.ScopeOf(path, !_hasChanges) : new RelationScope(catalogue, path, !_hasChanges, _temporary);
    }

    /// <summary>The server said that the search path changed (PostgreSQL 18 does).</summary>
    public void PathReported() => _isReported = true;

    /// <summary>Notes what a command that was just sent upstream may do to names.</summary>
    /// <param name="facts">What it does.</param>
    /// <param name="isOpaque">Together with what the catalogue adds.</param>
    /// <param name="changesCatalogue">It changes more than what is the session's own.</param>
    public void Follow(SqlFacts facts, bool isOpaque, bool changesCatalogue)
    {
        _hasChanges |= changesCatalogue;
        if (!facts.MovesNames && !isOpaque && !changesCatalogue)
            return;
        _mayMoveBack |= isOpaque || changesCatalogue || facts.Statements.Any(static s => s.MayMoveNames && s.Kind != StatementKind.Transaction);
        MayHaveOwn |= isOpaque || facts.Effects.Any(static e => e.Kind is EffectKind.Create or EffectKind.Opaque);
        // The end of a transaction in which nothing moved moves nothing.
        if (_mayMoveBack)
            Move();
    }

    /// <summary>Notes a message that ends a transaction which no command began: if it fails, that takes back what moved in it.</summary>
    public void EndImplicit()
    {
        if (_mayMoveBack)
            Move();
    }

    /// <summary>A reading is about to be asked for; what is reported from here on is newer.</summary>
    public void BeginReading() => _isReported = false;

    /// <summary>Takes what the session answered.</summary>
    /// <param name="reading">The answer.</param>
    /// <param name="catalogue">As last read before the session was asked.</param>
    /// <param name="isBetween">Between two transactions: what there was to take back is done or gone.</param>
    public void Take(NamesReading reading, Catalogue.Catalogue catalogue, bool isBetween)
    {
        var isKnown = reading.TryRead(out var path, out var temporary);
        if (isBetween)
            (_mayMoveBack, _hasChanges) = (false, false);
        var isSame = isKnown && _path?.Key == path.Key && _temporary.IsSame(temporary);
        // By something that was not seen when it was sent.
        if (!isSame && !_isMoved)
            Epoch++;
        if (!isSame)
            (_path, _temporary) = isKnown ? (path, temporary) : (null, _temporary);
        // What is gone now may be back at the end of the transaction.
        if (isKnown)
            MayHaveOwn = !temporary.IsEmpty || (MayHaveOwn && !isBetween);
        (_scope, _open) = (null, null);
        _schemas = catalogue.SchemaDigest;
        _isMoved = false;
    }

    private void Move()
    {
        _isMoved = true;
        Epoch++;
    }
}
