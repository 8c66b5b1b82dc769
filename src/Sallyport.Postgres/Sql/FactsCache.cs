namespace Sallyport.Postgres.Sql;

/// <summary>
/// Facts by the exact bytes of their text, for all sessions. A hit takes no lock and allocates nothing; a colliding hash finds
/// nothing, because the bytes are compared whole. Bounded in entries and bytes: entries that were not asked for since the hand
/// last passed go first, and once it is half full a text is taken up only at its second sight, so that one client with ever new
/// literals cannot flush what the others share.
/// </summary>
internal sealed class FactsCache
{
    private const int Ways = 8;

    // What an entry costs beside its text and the facts about it, roughly.
    private const int EntryOverhead = 1024;

    private readonly Entry?[] _slots;
    private readonly ulong[] _seenOnce;
    private readonly long _maximumBytes;
    private readonly int _maximumText;
    private readonly Func<ReadOnlySpan<byte>, ulong> _hash;
    private readonly Lock _writing = new();
    private int _hand;
    private long _bytes;

    /// <param name="maximumBytes">The room for all entries.</param>
    /// <param name="maximumText">A longer text is never kept.</param>
    /// <param name="buckets">A power of two; each holds eight entries.</param>
    /// <param name="hash">Seeded, so that nobody can aim at a bucket.</param>
    public FactsCache(long maximumBytes, int maximumText, int buckets, Func<ReadOnlySpan<byte>, ulong> hash)
    {
        _maximumBytes = maximumBytes;
        _maximumText = maximumText;
        _hash = hash;
        _slots = new Entry?[buckets * Ways];
        _seenOnce = new ulong[buckets * Ways];
    }

    /// <summary>What the entries cost together; never above the maximum.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public SqlFacts? Find(ReadOnlySpan<byte> text)
    {
        if (text.Length > _maximumText)
            return null;
        var hash = _hash(text);
        var bucket = Bucket(hash);
        for (var i = bucket; i < bucket + Ways; i++)
        {
            var entry = Volatile.Read(ref _slots[i]);
            if (entry is null || entry.Hash != hash || !entry.Text.AsSpan().SequenceEqual(text))
                continue;
            // Not writing what is there already keeps the line shared between the cores.
            if (!entry.Asked)
                entry.Asked = true;
            return entry.Facts;
        }
        return null;
    }

    /// <param name="text">Kept as it is, not copied.</param>
    /// <param name="facts">What was read from it.</param>
    public void Add(byte[] text, SqlFacts facts)
    {
        var cost = EntryOverhead + 4L * text.Length;
        if (text.Length > _maximumText || cost > _maximumBytes)
            return;
        var hash = _hash(text);
        lock (_writing)
        {
            if (!Admits(hash) || Find(text) is not null)
                return;
            while (_bytes + cost > _maximumBytes)
                EvictNext();
            var slot = FindRoom(Bucket(hash));
            Evict(slot);
            _bytes += cost;
            Volatile.Write(ref _slots[slot], new Entry(hash, text, facts, cost));
        }
    }

    private int Bucket(ulong hash) => (int)(hash & (ulong)(_slots.Length / Ways - 1)) * Ways;

    private bool Admits(ulong hash)
    {
        if (_bytes < _maximumBytes / 2)
            return true;
        ref var seen = ref _seenOnce[(hash >> 20) % (ulong)_seenOnce.Length];
        if (seen == hash)
            return true;
        seen = hash;
        return false;
    }

    private int FindRoom(int bucket)
    {
        for (var i = bucket; i < bucket + Ways; i++)
        {
            if (_slots[i] is null)
                return i;
        }
        for (var i = bucket; i < bucket + Ways; i++)
        {
            if (!_slots[i]!.Asked)
                return i;
        }
        for (var i = bucket; i < bucket + Ways; i++)
            _slots[i]!.Asked = false;
        return bucket + (_hand++ & (Ways - 1));
    }

    private void EvictNext()
    {
        while (true)
        {
            _hand = (_hand + 1) % _slots.Length;
            if (_slots[_hand] is not { } entry)
                continue;
            if (!entry.Asked)
            {
                Evict(_hand);
                return;
            }
            entry.Asked = false;
        }
    }

    private void Evict(int slot)
    {
        if (_slots[slot] is not { } entry)
            return;
        _bytes -= entry.Cost;
        Volatile.Write(ref _slots[slot], null);
    }

    private sealed class Entry(ulong hash, byte[] text, SqlFacts facts, long cost)
    {
        public readonly ulong Hash = hash;
        public readonly byte[] Text = text;
        public readonly SqlFacts Facts = facts;
        public readonly long Cost = cost;
        public bool Asked;
    }
}
