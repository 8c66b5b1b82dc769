using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Sallyport.Core;
using Sallyport.Postgres.Upstream;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What the two pumps of a session share. The client's pump alone writes upstream, the upstream's pump alone writes to the client:
/// so neither output needs a lock. What the client's pump has to tell the client goes through <see cref="TellClient"/>.
/// </summary>
internal sealed partial class SessionState
{
    private readonly TaskCompletionSource<SessionEnding> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _drain;
    private volatile bool _drainsUntilCopy;
    private volatile byte _transactionStatus = (byte)'I';
    private volatile bool _isSkipping;
    private volatile bool _isCopyIn;
    private int _cancelAsked;
    private volatile bool _isJudging;
    private Overdraft? _overdraft;

    public SessionState(PostgresServices services, Core.Session session, IDuplexPipe client, UpstreamConnection upstream, CancellationToken clientGone)
    {
        ClientGone = clientGone;
        Services = services;
        Session = session;
        Client = client;
        Upstream = upstream;
        Resource = (PostgresResource)session.Resource;
    }

    public PostgresServices Services { get; }

    public Core.Session Session { get; }

    public PostgresResource Resource { get; }

    public IDuplexPipe Client { get; }

    /// <summary>Cancelled when the client's connection is gone, whether or not anybody reads from it.</summary>
    public CancellationToken ClientGone { get; }

    public UpstreamConnection Upstream { get; }

    public PendingQueue Pending { get; } = new();

    /// <summary>The status of the last ReadyForQuery: I, T or E.</summary>
    public byte TransactionStatus
    {
        get => _transactionStatus;
        set => _transactionStatus = value;
    }

    /// <summary>The server failed a message of the extended protocol and discards everything up to the next Sync.</summary>
    public bool IsSkipping
    {
        get => _isSkipping;
        set => _isSkipping = value;
    }

    /// <summary>The server waits for COPY data.</summary>
    public bool IsCopyIn
    {
        get => _isCopyIn;
        set => _isCopyIn = value;
    }

    /// <summary>Withdraws the command that is held now; null when none is.</summary>
    public CancellationTokenSource? Held { get; set; }

    /// <summary>The client's pump is judging a command in the slow tier.</summary>
    public bool IsJudging
    {
        get => _isJudging;
        set => _isJudging = value;
    }

    /// <summary>A CancelRequest came. While a command is being judged it is passed on behind that command, not before it.</summary>
    public void AskCancel()
    {
        Volatile.Write(ref _cancelAsked, 1);
        if (!_isJudging)
            PassCancelOn();
    }

    /// <summary>Asks the server to cancel what it runs, if a cancel was asked for; one of two callers does it.</summary>
    public void PassCancelOn()
    {
        if (Interlocked.Exchange(ref _cancelAsked, 0) == 1)
            _ = CancelUpstreamAsync();
    }

    /// <summary>Asks the server to cancel what it runs; ends when that can hit nothing later any more.</summary>
    public Task CancelUpstreamAsync() => UpstreamCancel.SendAsync(Services.Upstreams, Resource, Upstream, Services.Options.UpstreamDeadline);

    /// <summary>SQL-level names that the server said are gone: <c>DEALLOCATE</c>; null is all of them.</summary>
    public Mailbox<string?> Deallocated { get; } = new();

    /// <summary>Leaves a command that went past a budget to the client's pump.</summary>
    public void Hand(Overdraft overdraft) => Volatile.Write(ref _overdraft, overdraft);

    public Overdraft? TakeOverdraft() => Interlocked.Exchange(ref _overdraft, null);

    public Mailbox<byte[]> Outbox { get; } = new();

    /// <summary>Completes when either pump, or a kill, ended the session.</summary>
    public Task<SessionEnding> Ended => _ended.Task;

    /// <summary>The first ending counts.</summary>
    public void End(SessionEnd end, string? detail = null, Diagnostic? lastWord = null) => _ended.TrySetResult(new SessionEnding(end, detail, lastWord));

    /// <summary>A pump failed: that ends the session, never the process.</summary>
    public void Fail(Exception e, SessionEnd side)
    {
        if (e is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException
            or System.Net.Sockets.SocketException or Microsoft.AspNetCore.Connections.ConnectionAbortedException)
        {
            End(side, e.Message, side == SessionEnd.UpstreamLost ? SessionWords.UpstreamLost : null);
            return;
        }
        LogFault(Services.Logs.CreateLogger<PostgresSession>(), e, Session.Id);
        End(SessionEnd.GatewayFault, e.GetType().Name, Diagnostic.Fatal(SqlState.InternalError, "the gateway failed on this session and ended it"));
    }

    /// <summary>Has the upstream's pump send a message of the gateway's own, between two of the server's.</summary>
    public void TellClient(byte[] message)
    {
        Outbox.Post(message);
        Upstream.Input.CancelPendingRead();
    }

    /// <summary>
    /// Completes when every reply to what was sent so far has come, or the server skips to the next Sync. The caller has made
    /// the server flush.
    /// </summary>
    /// <param name="untilCopy">The server's call for COPY data completes it too, since no reply comes before the data.</param>
    public Task DrainAsync(bool untilCopy)
    {
        if (Pending.IsEmpty)
            return Task.CompletedTask;
        var drain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _drainsUntilCopy = untilCopy;
        Volatile.Write(ref _drain, drain);
        Upstream.Input.CancelPendingRead();
        return drain.Task;
    }

    /// <summary>Called by the upstream's pump after each batch of replies.</summary>
    public void CompleteDrain()
    {
        if (Volatile.Read(ref _drain) is { } drain && (Pending.IsEmpty || (_drainsUntilCopy && IsCopyIn)))
        {
            Volatile.Write(ref _drain, null);
            drain.TrySetResult();
        }
    }

    [LoggerMessage(2100, LogLevel.Error, "Session {Session} failed")]
    private static partial void LogFault(ILogger log, Exception e, SessionId session);
}

/// <summary>How a session ended, and what to tell the client, if it still listens.</summary>
internal sealed record SessionEnding(SessionEnd End, string? Detail, Diagnostic? LastWord);
