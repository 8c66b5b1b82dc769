using Sallyport.Postgres.Catalogue;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Everything that a session's verdict on given facts is made from, at one moment. What is not in here never changes in a session: who
/// asks, of which resource, and the facts, which are a function of the text. So a verdict may be given again for the same facts while
/// all of this is the same, and for no other reason; an input that <see cref="Judge"/> begins to read has its place here.
/// </summary>
/// <remarks>
/// References and counts that only grow: where two moments are equal, nothing changed and changed back between them, also where other
/// threads may change it (the policy, the catalogue, the search path that the server reports). Not in here, and asked each time: whether
/// the proof of identity is live, budgets, and whether the recorder takes the command.
/// </remarks>
/// <param name="policy">
/// The digest of the policy in force. Each policy that is loaded brings a string of its own, and with it its rules, masks and budgets.
/// </param>
/// <param name="noted">The policy that the guard and the budgets of the session were taken from.</param>
/// <param name="guard">The masks, over one reading of the catalogue and one meaning of names.</param>
/// <param name="catalogue">The reading of the catalogue, whether it is stale, and whether changes are known that it does not show.</param>
/// <param name="named">
/// What names mean, or anything where that is not known: a search path, temporary relations, and whether the session has changes under way.
/// </param>
/// <param name="open">All that names may mean, the session's temporary relations included.</param>
/// <param name="areNamesFresh">Whether anything may have moved names since the session was asked.</param>
/// <param name="mayHaveOwn">Whether the session may have temporary relations.</param>
/// <param name="hasOwnChanges">Whether the session changed code in a transaction that is not over.</param>
/// <param name="isResolved">Whether the server resolved the command's names when they meant what they mean now.</param>
internal readonly struct VerdictInputs(
    string policy, string? noted, MaskGuard? guard, CatalogueMoment catalogue, RelationScope? named, RelationScope? open, bool areNamesFresh,
    bool mayHaveOwn, bool hasOwnChanges, bool isResolved)
{
    private readonly string _policy = policy;
    private readonly string? _noted = noted;
    private readonly MaskGuard? _guard = guard;
    private readonly CatalogueMoment _catalogue = catalogue;
    private readonly RelationScope? _named = named;
    private readonly RelationScope? _open = open;
    private readonly bool _areNamesFresh = areNamesFresh;
    private readonly bool _mayHaveOwn = mayHaveOwn;
    private readonly bool _hasOwnChanges = hasOwnChanges;
    private readonly bool _isResolved = isResolved;

    /// <summary>By reference: a policy that is loaded again is judged by again, whatever its digest.</summary>
    public bool AreSame(in VerdictInputs other) =>
        ReferenceEquals(_policy, other._policy) && ReferenceEquals(_noted, other._noted) && ReferenceEquals(_guard, other._guard) &&
        ReferenceEquals(_named, other._named) && ReferenceEquals(_open, other._open) && _areNamesFresh == other._areNamesFresh &&
        _mayHaveOwn == other._mayHaveOwn && _hasOwnChanges == other._hasOwnChanges && _isResolved == other._isResolved &&
        _catalogue.IsSame(other._catalogue);
}
