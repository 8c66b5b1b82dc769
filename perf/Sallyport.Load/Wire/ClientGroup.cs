using System.Diagnostics;
using System.Net.Sockets;
using HdrHistogram;
using Sallyport.Load.Measuring;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Wire;

/// <summary>Many connections that run transactions, all served by the calling thread.</summary>
public sealed class ClientGroup : IDisposable
{
    private const int LoginsAtOnce = 16;

    private readonly Transaction _transaction;
    private readonly Socket[] _sockets;
    private readonly AnswerWalker[] _walkers;
    private readonly long[] _startedAt;
    private readonly Stack<int> _free = [];
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly Epoll _epoll = new();
    private int _next;

    private ClientGroup(Socket[] sockets, QueryMode mode)
    {
        _sockets = sockets;
        _transaction = new Transaction(mode);
        _walkers = new AnswerWalker[sockets.Length];
        _startedAt = new long[sockets.Length];
        for (var i = 0; i < sockets.Length; i++)
        {
            _epoll.Watch((int)sockets[i].Handle, i);
            _free.Push(i);
        }
    }

    /// <summary>Logs all of them in, some at a time.</summary>
    public static async Task<ClientGroup> OpenAsync(ConnectionTarget target, int clients, QueryMode mode)
    {
        var sockets = new Socket[clients];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = LoginsAtOnce };
        await Parallel.ForAsync(0, clients, parallel, async (i, _) =>
            sockets[i] = ((NetworkStream)await LoadConnection.LoginAsync(target, mode)).Socket);
        return new ClientGroup(sockets, mode);
    }

    /// <summary>Each client sends its next transaction when its last one was answered.</summary>
    public LoadResult RunClosed(TimeSpan warmUp, TimeSpan window, ProcessMeter meter)
    {
        var run = new Window(warmUp, window, meter);
        while (_free.TryPop(out var client))
            Start(client, Stopwatch.GetTimestamp());
        while (!run.IsOver)
        {
            var events = _epoll.Wait(null);
            run.Tick(Stopwatch.GetTimestamp());
            for (var i = 0; i < events; i++)
            {
                var client = _epoll.Number(i);
                if (!Finish(client, run))
                    continue;
                Start(client, Stopwatch.GetTimestamp());
            }
        }

        Drain();
        return run.Result();
    }

    /// <summary>
    /// A transaction is due every so often, whoever is free takes it, and its latency counts from when it was due: what waits because
    /// others were slow shows (no coordinated omission).
    /// </summary>
    public LoadResult RunOpen(double perSecond, TimeSpan warmUp, TimeSpan window, ProcessMeter meter)
    {
        var run = new Window(warmUp, window, meter);
        var (first, interval) = (Stopwatch.GetTimestamp(), Stopwatch.Frequency / perSecond);
        long asked = 0;
        while (!run.IsOver)
        {
            var now = Stopwatch.GetTimestamp();
            run.Tick(now);
            long due;
            while ((due = first + (long)(asked * interval)) <= now && _free.TryPop(out var client))
            {
                Start(client, due);
                asked++;
            }

            var events = _epoll.Wait(_free.Count == 0 ? null : Stopwatch.GetElapsedTime(now, due));
            for (var i = 0; i < events; i++)
            {
                var client = _epoll.Number(i);
                if (Finish(client, run))
                    _free.Push(client);
            }
        }

        Drain();
        return run.Result();
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }

        _epoll.Dispose();
    }

    private void Start(int client, long since)
    {
        _startedAt[client] = since;
        Epoll.Send((int)_sockets[client].Handle, _transaction.Request(_next++));
    }

    private bool Finish(int client, Window? run)
    {
        var read = Epoll.Receive((int)_sockets[client].Handle, _buffer);
        if (read == 0 || !_walkers[client].Take(_buffer.AsSpan(0, read)))
            return false;
        _walkers[client].ThrowIfRefused();
        run?.Count(Stopwatch.GetElapsedTime(_startedAt[client]));
        return true;
    }

    // What is under way is waited for, so that the group can run again.
    private void Drain()
    {
        while (_free.Count < _sockets.Length)
        {
            var events = _epoll.Wait(null);
            for (var i = 0; i < events; i++)
            {
                var client = _epoll.Number(i);
                if (Finish(client, null))
                    _free.Push(client);
            }
        }
    }

    /// <summary>Counts what ends between the end of the warm-up and the end of the window.</summary>
    private sealed class Window
    {
        private readonly ProcessMeter _meter;
        private readonly long _opensAt;
        private readonly TimeSpan _length;
        private readonly LongHistogram _latencies = Latencies.New();
        private TimeSpan _cpu;
        private long _openedAt;
        private TimeSpan _elapsed;

        public Window(TimeSpan warmUp, TimeSpan length, ProcessMeter meter)
        {
            _meter = meter;
            _length = length;
            _opensAt = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        }

        public bool IsOver { get; private set; }

        public void Tick(long now)
        {
            if (_openedAt == 0 && now >= _opensAt)
            {
                _cpu = _meter.CpuTime();
                _openedAt = Stopwatch.GetTimestamp();
            }
            else if (_openedAt != 0 && Stopwatch.GetElapsedTime(_openedAt, now) >= _length)
            {
                _elapsed = Stopwatch.GetElapsedTime(_openedAt);
                _cpu = _meter.CpuTime() - _cpu;
                IsOver = true;
            }
        }

        public void Count(TimeSpan latency)
        {
            if (_openedAt != 0 && !IsOver)
                Latencies.Record(_latencies, latency);
        }

        public LoadResult Result() => new(_latencies.TotalCount / _elapsed.TotalSeconds, _latencies, _cpu / _latencies.TotalCount);
    }
}
