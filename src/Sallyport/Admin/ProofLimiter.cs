namespace Sallyport.Admin;

/// <summary>
/// Slows the guessing of secrets: each login has a bucket of wrong proofs that refills with time, and while it is empty no proof
/// of that login is looked at, right or wrong. Bounded: past <see cref="MaxLogins"/> names all others share one bucket.
/// </summary>
internal sealed class ProofLimiter
{
    public const int Burst = 5;
    public const int MaxLogins = 1024;
    public static readonly TimeSpan Refill = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.OrdinalIgnoreCase);
    private readonly Bucket _shared = new();
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    public ProofLimiter(TimeProvider time) => _time = time;

    /// <summary>How long to wait before the next proof of this login is looked at; zero when it may be now.</summary>
    public TimeSpan WaitFor(string login)
    {
        lock (_lock)
        {
            var bucket = _buckets.GetValueOrDefault(login) ?? (_buckets.Count < MaxLogins ? null : _shared);
            return bucket is null || Drained(bucket) < Burst ? TimeSpan.Zero
                : TimeSpan.FromTicks(Refill.Ticks - (_time.GetElapsedTime(bucket.Since).Ticks % Refill.Ticks));
        }
    }

    public void CountWrong(string login)
    {
        lock (_lock)
        {
            if (!_buckets.TryGetValue(login, out var bucket))
            {
                if (_buckets.Count >= MaxLogins)
                    Forget();
                bucket = _buckets.Count >= MaxLogins ? _shared : _buckets[login] = new Bucket();
            }
            bucket.Wrong = Drained(bucket) + 1;
            bucket.Since = _time.GetTimestamp();
        }
    }

    private int Drained(Bucket bucket) =>
        (int)Math.Max(0, bucket.Wrong - (_time.GetElapsedTime(bucket.Since).Ticks / Refill.Ticks));

    private void Forget()
    {
        foreach (var login in _buckets.Where(b => Drained(b.Value) == 0).Select(static b => b.Key).ToList())
            _buckets.Remove(login);
    }

    private sealed class Bucket
    {
        public int Wrong { get; set; }

        public long Since { get; set; }
    }
}
