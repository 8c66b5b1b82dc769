using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>A verdict with what masking must know.</summary>
/// <param name="Decision">What the policy, or the gateway itself, decided.</param>
/// <param name="Touches">Outputs of unknown origin are to be masked.</param>
internal readonly record struct Judgement(Decision Decision, bool Touches);

/// <summary>
/// Decides for one session: the policy's decision, and above it what the gateway itself cannot let pass (settings that would change
/// how text is read; answers that cannot be masked). Belongs to the client's pump, but for <see cref="Guard"/>.
/// </summary>
internal sealed class Judge
{
    /// <summary>The rule name of refusals that no policy can lift.</summary>
    public const string GatewayRule = "(gateway)";

    private readonly PostgresServices _services;
    private readonly Principal _principal;
    private readonly PostgresResource _resource;
    private readonly KnownVerdicts _known = new();
    private volatile MaskGuard? _guard;
    private RelationScope? _scope;
    private volatile BudgetMeter? _meter;
    private BudgetMeter? _ownMeter;
    private string? _snapshot;

    public Judge(PostgresServices services, Principal principal, PostgresResource resource)
    {
        _services = services;
        _principal = principal;
        _resource = resource;
    }

    /// <summary>The masks in force, over what names meant in the last decision, or null when there are none. Read by both pumps.</summary>
    public MaskGuard? Guard => _guard;

    /// <summary>
    /// The session changed code of the database in a transaction that is not over: what is run now is not what the catalogue shows.
    /// </summary>
    public bool HasOwnChanges { get; private set; }

    /// <summary>The budgets in force, or null when there are none. Read by both pumps.</summary>
    public BudgetMeter? Meter => _meter;

    /// <summary>What names mean in the session.</summary>
    public SessionNames Names { get; } = new();

    /// <summary>Outside of a transaction everybody sees what the session changed, the catalogue too.</summary>
    public void EndOwnChanges() => HasOwnChanges = false;

    /// <summary>The facts with all that the database's own code does, by what names meant in the last decision.</summary>
    public SqlFacts Followed(SqlFacts facts) => Reached(facts)?.Facts ?? facts;

    /// <summary>
    /// True when the catalogue is fresh enough to judge these facts, and it is known what their names mean; otherwise
    /// <see cref="RefreshAsync"/> comes first, and then the session is asked.
    /// </summary>
    public bool IsReady(SqlFacts facts)
    {
        var masks = _services.Decider.MasksFor(_principal, _resource);
        var catalogue = _services.Catalogues.Current(_resource);
        if (masks.IsEmpty)
        {
            _guard = null;
            return catalogue is not null && HasNames(facts) &&
                   ((!HasOpenNames(facts, catalogue) && !DependsOnCode(facts, catalogue)) || !_services.Catalogues.IsStale(_resource));
        }
        return _guard is { } guard && ReferenceEquals(guard.Masks, masks) && ReferenceEquals(guard.Catalogue, catalogue) &&
               !_services.Catalogues.IsStale(_resource) && HasNames(facts);
    }

    /// <summary>
    /// Whether a decision may be tried that takes names for anything they may mean. If it allows, so does what they really mean, and
    /// nobody need be asked. Not where masks are in force, which would hide more than they must, nor where the session may have relations
    /// of its own, which nobody else knows, nor for what changes relations: whose they are must be known. Nor where the database's own code
    /// is run.
    /// </summary>
    public bool MayGuess(SqlFacts facts)
    {
        if (HasOwnChanges || Names.MayHaveOwn || _services.Catalogues.Current(_resource) is not { } catalogue ||
            _services.Catalogues.HasKnownChanges(_resource) || !_services.Decider.MasksFor(_principal, _resource).IsEmpty)
            return false;
        foreach (var effect in facts.Effects)
        {
            if (effect.Kind is EffectKind.Create or EffectKind.Alter or EffectKind.Drop)
                return false;
        }
        return !ReachOf(facts, Names.Open(catalogue)).RunsCode && (!Writes(facts) || !_services.Catalogues.IsStale(_resource));
    }

    /// <summary>Whether what these facts name is known, or nothing need be.</summary>
    public bool HasNames(SqlFacts facts) =>
        _services.Catalogues.Current(_resource) is { } catalogue && (Names.AreFresh(catalogue) || !HasOpenNames(facts, catalogue));

    // The code that it runs may have some, though its text has none.
    private bool HasOpenNames(SqlFacts facts, Catalogue.Catalogue catalogue) =>
        facts.HasOpenNames || ReachOf(facts, Names.In(catalogue)).Facts.HasOpenNames;

    /// <summary>Takes what the session said of its names.</summary>
    public void Take(NamesReading reading, bool isBetween)
    {
        if (_services.Catalogues.Current(_resource) is { } catalogue)
            Names.Take(reading, catalogue, isBetween);
    }

    /// <summary>
    /// Notes a command that is being sent upstream, and says what it does to the catalogue: what makes, changes or removes anything but
    /// the session's own temporary relations changes it.
    /// </summary>
    public CatalogueChange Follow(SqlFacts facts)
    {
        var reach = Reached(facts);
        var done = reach?.Facts ?? facts;
        var change = done.IsOpaque ? CatalogueChange.Possible : CatalogueChange.None;
        HasOwnChanges |= done.IsOpaque;
        foreach (var effect in done.Effects)
        {
            if (ChangesCatalogue(effect))
                change = CatalogueChange.Known;
            HasOwnChanges |= CodeTrail.ChangesCode(effect);
        }
        Names.Follow(facts, done.IsOpaque || reach is { MovesNames: true }, change != CatalogueChange.None);
        return change;
    }

    private bool ChangesCatalogue(Effect effect) => effect.Kind switch
    {
        EffectKind.Create or EffectKind.Alter or EffectKind.Drop => effect.Verb != "truncate" && !IsTemporary(effect),
        EffectKind.Server => Begins(effect.Verb, "create_", "alter_", "import_"),
        EffectKind.Privilege => Begins(effect.Verb, "grant", "revoke") || effect.Verb.EndsWith("_owner", StringComparison.Ordinal) ||
                                effect.Verb is "create_role" or "alter_role" or "drop_role",
        _ => false,
    };

    private static bool Begins(string verb, params ReadOnlySpan<string> beginnings)
    {
        foreach (var beginning in beginnings)
        {
            if (verb.StartsWith(beginning, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private bool IsTemporary(Effect effect)
    {
        var isTemporary = false;
        foreach (var thing in effect.Objects)
        {
            if (thing.Type == ObjectType.Other && effect.Verb == "create_index")
                continue;
            isTemporary = thing.Type == ObjectType.Relation && (thing.Schema == SearchPath.Temporary ||
                (thing.Schema.Length == 0 && _scope is { } scope && scope.SchemasOf(ObjectType.Relation, thing.Name) == SearchPath.TemporaryOnly));
            if (!isTemporary)
                return false;
        }
        return isTemporary;
    }

    /// <summary>Reads the catalogue anew if need be; false when it cannot be had, and then nothing passes.</summary>
    public async ValueTask<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        if (await _services.Catalogues.RefreshAsync(_resource, cancellationToken) is not { } catalogue)
            return false;
        Take(_services.Decider.MasksFor(_principal, _resource), catalogue);
        return true;
    }

    private void Take(MaskSet masks, Catalogue.Catalogue catalogue)
    {
        if (masks.IsEmpty)
            _guard = null;
        else if (_guard is null || !ReferenceEquals(_guard.Masks, masks) || !ReferenceEquals(_guard.Catalogue, catalogue))
            _guard = MaskGuards.Of(masks, catalogue, _services.Sql);
    }

    private void TakeBudgets(ImmutableArray<Budget> budgets)
    {
        if (!budgets.IsEmpty)
            _ownMeter ??= new BudgetMeter(_services.Budgets, _principal.Name);
        _ownMeter?.Adopt(budgets);
        _meter = budgets.IsEmpty ? null : _ownMeter;
    }

    /// <summary>Closes the session's accounts. Both pumps are at rest.</summary>
    public void Release() => _ownMeter?.Dispose();

    /// <summary>What the client hears of a command that went past a budget.</summary>
    /// <param name="overdraft">The command.</param>
    /// <param name="stands">The server had carried it out, and what it wrote stays.</param>
    public Diagnostic Words(Overdraft overdraft, bool stands) => overdraft.Rows switch
    {
        0 => BudgetWords.Cut(overdraft.Spent, _services.Decider.Snapshot, stands),
        < 0 => BudgetWords.Uncountable(overdraft.Spent, _services.Decider.Snapshot),
        var rows => BudgetWords.Overdrawn(overdraft.Spent, _services.Decider.Snapshot, rows),
    };

    /// <summary>
    /// Whether a command may pass at once: a plain allow by what is known without waiting, with a record that need not be durable and no
    /// budget to charge. The answer is remembered for as long as <see cref="VerdictInputs"/> says.
    /// </summary>
    /// <param name="facts">What the command does.</param>
    /// <param name="isResolved">False when its names were resolved at another time than now.</param>
    /// <param name="judgement">The verdict, when it is true.</param>
    public bool AllowsAtOnce(SqlFacts facts, bool isResolved, out Judgement judgement)
    {
        var inputs = InputsNow(isResolved);
        if (_meter is null && _known.Find(facts, inputs) is { } known)
        {
            _scope = known.Scope;
            judgement = known.Judgement;
            return true;
        }
        judgement = default;
        var isReady = IsReady(facts) && isResolved;
        if ((!isReady && !MayGuess(facts)) || DurabilityOf(facts) != Durability.Buffered)
            return false;
        judgement = Decide(facts, isReady);
        if (_meter is not null || judgement.Decision is not { Kind: DecisionKind.Allow, Observed.IsEmpty: true } ||
            DurabilityOf(Followed(facts)) != Durability.Buffered)
            return false;
        // What changed meanwhile may have had its part in the verdict, or not.
        if (inputs.AreSame(InputsNow(isResolved)))
            _known.Keep(new KnownVerdict(facts, inputs, judgement, _scope));
        return true;
    }

    private VerdictInputs InputsNow(bool isResolved)
    {
        var moment = _services.Catalogues.Look(_resource);
        var (named, open, areFresh) = moment.Current is { } catalogue
            ? (Names.In(catalogue), Names.Open(catalogue), Names.AreFresh(catalogue))
            : default((RelationScope?, RelationScope?, bool));
        return new VerdictInputs(
            _services.Decider.Snapshot, _snapshot, _guard, moment, named, open, areFresh, Names.MayHaveOwn, HasOwnChanges, isResolved);
    }

    /// <summary>How safe the record of a command must be before the command is forwarded.</summary>
    public Durability DurabilityOf(SqlFacts facts)
    {
        foreach (var effect in facts.Effects)
        {
            if (effect.Kind is not (EffectKind.Read or EffectKind.Session or EffectKind.Transaction))
                return _resource.RecordWrites;
        }
        return _resource.RecordReads;
    }

    /// <param name="facts">What the command does.</param>
    /// <param name="isResolved">False when its names were resolved at another time than now: they may mean anything then.</param>
    public Judgement Decide(SqlFacts facts, bool isResolved = true)
    {
        if (DecideUnderOnePolicy(facts, isResolved) is not { } decision)
            return Refuse("the policy or the catalogue of the database is not settled; try again");
        foreach (var statement in facts.Statements)
        {
            if (statement.Kind == StatementKind.Set && SettingGuard.WhyNot(statement, isMasked: _guard is not null) is { } setting)
                return Refuse(setting);
        }
        if (decision.Kind == DecisionKind.Deny || _guard is not { } guard)
            return new Judgement(decision, false);
        var touch = guard.Inspect(facts, out var reason);
        return touch == MaskTouch.Refused ? Refuse("it reads masked columns, and " + reason) : new Judgement(decision, touch == MaskTouch.Touches);
    }

    /// <summary>
    /// The decision, with the masks of the same policy and over one reading of the catalogue: a policy that allows with a mask what the
    /// one before denied must not have its first command answered without.
    /// </summary>
    private Decision? DecideUnderOnePolicy(SqlFacts facts, bool isResolved)
    {
        // Twice is one reload in between; a policy that changes again and again while one command is judged does not exist.
        for (var tries = 0; tries < 4; tries++)
        {
            if ((_guard?.Catalogue ?? _services.Catalogues.Current(_resource)) is not { } catalogue)
                return null;
            var scope = isResolved && !facts.MovesNamesInside ? Names.In(catalogue) : Names.Open(catalogue);
            var reach = ReachOf(facts, scope);
            // Code of the database's own, or what cannot be read of it, may move them for what stands behind it.
            if (reach.Facts.MovesNamesInside || (reach.MovesNames && facts.Statements.Length > 1))
                reach = ReachOf(facts, scope = Names.Open(catalogue));
            var decision = Decide(reach);
            if (decision.Snapshot == _snapshot)
            {
                _scope = scope;
                if (facts.HasOpenNames && _guard is { } guard)
                    _guard = guard.In(scope);
                return decision;
            }
            // Noted before the masks are taken: if they are a later policy's, the next decision tells.
            _snapshot = _services.Decider.Snapshot;
            Take(_services.Decider.MasksFor(_principal, _resource), catalogue);
            TakeBudgets(_services.Decider.BudgetsFor(_principal, _resource));
        }
        return null;
    }

    private Decision Decide(Reach reach)
    {
        var decision = _services.Decider.Decide(HasOwnChanges ? reach.Unsettled : reach.Facts, _principal, _resource, reach.Scope);
        foreach (var behind in reach.Behind)
        {
            if (decision.Kind == DecisionKind.Deny)
                return decision;
            var other = _services.Decider.Decide(behind, _principal, _resource, reach.Scope);
            if (other.Rule != Decision.NoRule && (other.Kind == DecisionKind.Deny || (other.Kind == DecisionKind.Hold && decision.Kind == DecisionKind.Allow)))
                decision = other;
        }
        return decision;
    }

    public Judgement Refuse(string message) =>
        new(new Decision(DecisionKind.Deny, GatewayRule) { Message = message, Snapshot = _services.Decider.Snapshot }, false);

    /// <summary>Whether what the database runs by itself matters: it may be another since the last reading.</summary>
    private bool DependsOnCode(SqlFacts facts, Catalogue.Catalogue catalogue) =>
        Writes(facts) || ReachOf(facts, Names.In(catalogue)).RunsCode;

    private static bool Writes(SqlFacts facts)
    {
        foreach (var effect in facts.Effects)
        {
            if (effect.Kind is EffectKind.Write or EffectKind.Drop)
                return true;
        }
        return false;
    }

    private Reach ReachOf(SqlFacts facts, RelationScope scope) => Reach.Of(facts, scope.For(facts), _services.Sql);

    private Reach? Reached(SqlFacts facts) =>
        _services.Catalogues.Current(_resource) is { } catalogue ? ReachOf(facts, _scope?.On(catalogue) ?? Names.Open(catalogue)) : null;
}
