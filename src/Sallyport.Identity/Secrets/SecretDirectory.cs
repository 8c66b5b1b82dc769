using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>
/// Keeps the snapshots of all that proves: secrets, configured and of the store, and public keys, joined to
/// their principals. Reading is free of
/// locks and I/O; changes come one at a time.
/// </summary>
internal sealed class SecretDirectory : IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly ISecretStore _store;
    private readonly LoginSalts _salts;
    private readonly TimeProvider _time;
    private readonly ProofDeadlines _deadlines;
    private FrozenDictionary<string, ConfiguredSecret> _configured = FrozenDictionary<string, ConfiguredSecret>.Empty;
    private IReadOnlyList<StoredSecret> _issued = [];
    private volatile SecretSnapshot _current;
    private volatile KeySnapshot _keys;
    private volatile string? _fault;
    private volatile bool _hasRead;

    public SecretDirectory(IdentityOptions options, ISecretStore store, LoginSalts salts, TimeProvider time, ProofDeadlines deadlines)
    {
        _store = store;
        _salts = salts;
        _time = time;
        _deadlines = deadlines;
        _keys = KeySnapshot.Empty;
        Configure(options);
        _current = Build();
    }

    public SecretSnapshot Current => _current;

    /// <summary>The public keys and authorities of the configuration; they change with it alone.</summary>
    public KeySnapshot Keys => _keys;

    /// <summary>Why the store was not read lately, or null. The last snapshot stays in force; its secrets still expire.</summary>
    public string? Fault => _fault;

    /// <summary>False until the store was read once: before that nobody can be told to be unknown.</summary>
    public bool HasRead => _hasRead;

    public IReadOnlyList<string> Warnings =>
        [.. _configured.Values.Select(static c => c.Warning).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>The name as configured; false for an unknown login.</summary>
    public bool TryFindName(string login, out string name)
    {
        var found = _configured.TryGetValue(login, out var configured);
        name = configured?.Name ?? "";
        return found;
    }

    public Task ReplaceAsync(IdentityOptions options, CancellationToken cancellationToken) =>
        ChangeAsync(() => Configure(options), cancellationToken);

    public Task AddAsync(StoredSecret secret, CancellationToken cancellationToken) =>
        ChangeAsync(() => _issued = [secret, .. _issued.Where(s => s.Id != secret.Id)], cancellationToken);

    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync(() => _issued = [.. _issued.Where(s => s.Id != id)], cancellationToken);

    /// <summary>True for a secret that may be used again, and the first time for one that may not.</summary>
    public async ValueTask<bool> TrySpendAsync(string id, CancellationToken cancellationToken)
    {
        if (_issued.FirstOrDefault(s => s.Id == id) is not { } secret)
            return false;
        if (!secret.IsOneTime)
            return true;
        var now = _time.GetUtcNow();
        try
        {
            if (!await _store.TrySpendAsync(id, now, cancellationToken))
                return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return false;
        }
        await ChangeAsync(() => _issued = [.. _issued.Select(s => s.Id == id ? s with { SpentAt = now } : s)], CancellationToken.None);
        return true;
    }

    /// <summary>Reads the store and the configured secrets again. False when the store could not be read.</summary>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        await ChangeAsync(() => ReadAsync(cancellationToken), cancellationToken);
        return _fault is null;
    }

    public void Dispose() => _changing.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _issued = await _store.ListLiveAsync(_time.GetUtcNow(), cancellationToken);
            _fault = null;
            _hasRead = true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _fault = $"the store of secrets does not answer: {e.Message}";
        }
    }

    private Task ChangeAsync(Action change, CancellationToken cancellationToken) => ChangeAsync(
        () =>
        {
            change();
            return Task.CompletedTask;
        },
        cancellationToken);

    private async Task ChangeAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            await change();
            _current = Build();
        }
        finally
        {
            _changing.Release();
        }
    }

    private void Configure(IdentityOptions options)
    {
        _configured = options.Principals.ToFrozenDictionary(
            static p => p.Name,
            p => _configured.GetValueOrDefault(p.Name) is { } same && same.IsOf(p) ? same : new ConfiguredSecret(p, _salts),
            StringComparer.OrdinalIgnoreCase);
        _keys = new KeySnapshot(options, _configured, _keys);
    }

    private SecretSnapshot Build()
    {
        _deadlines.Prune();
        var issued = _issued.ToLookup(static s => s.Login, StringComparer.OrdinalIgnoreCase);
        var keys = new Dictionary<string, ScramKeys[]>(StringComparer.OrdinalIgnoreCase);
        foreach (var configured in _configured.Values)
        {
            configured.Refresh();
            // A secret of another salt (the gateway's key was lost) cannot be offered beside the others.
            var usable = issued[configured.Name]
                .Where(s => s.Iterations == ScramSha256.Iterations && s.Salt.AsSpan().SequenceEqual(configured.Salt))
                .Select(s => KeysOf(s, configured));
            ScramKeys[] all = configured.Keys is { } own ? [.. usable, own] : [.. usable];
            if (all.Length > 0)
                keys[configured.Name] = all;
        }
        return new SecretSnapshot(keys);
    }

    private ScramKeys KeysOf(StoredSecret secret, ConfiguredSecret configured)
    {
        _deadlines.Track(secret.Id, secret.ExpiresAt);
        var scope = secret.Scope.ToFrozenSet(StringComparer.Ordinal);
        var principal = configured.MakePrincipal(ProofIds.SecretProof(secret.Id), scope, secret.ExpiresAt);
        return new ScramKeys(secret.StoredKey, secret.ServerKey, principal) { IsSpent = secret.SpentAt is not null };
    }
}
