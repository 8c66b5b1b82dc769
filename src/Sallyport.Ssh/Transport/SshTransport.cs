using System.IO.Pipelines;
using System.Text;
using Sallyport.Ssh.Transport.Packets;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport;

/// <summary>
/// One side of an SSH-2 connection (RFC 4253): versions, packets, key exchanges. One reader at a time and one writer at a time, which
/// may be two threads; <see cref="Post"/>, <see cref="Rekey"/> and <see cref="DisconnectAsync"/> may be called by anybody. What the
/// peer does wrong is an <see cref="Outcome"/>, not an exception. Owns both ends of the pipe.
/// </summary>
/// <remarks>The reader never waits for the writer: what it has to answer is sent when there is room, or ends the connection.</remarks>
public sealed partial class SshTransport : IAsyncDisposable
{
    private const int MaxOutcomeText = 256;

    private readonly IDuplexPipe _pipe;
    private readonly SshTransportOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile SshOutcome _outcome;

    /// <param name="pipe">Input comes from the peer, output goes to it.</param>
    /// <param name="options">What is offered and allowed.</param>
    /// <param name="time">For the deadlines.</param>
    public SshTransport(IDuplexPipe pipe, SshTransportOptions options, TimeProvider time)
    {
        if (options.Role == SshRole.Client)
            ArgumentNullException.ThrowIfNull(options.HostKeyVerifier);
        else
            ArgumentOutOfRangeException.ThrowIfZero(options.HostKeys.Count);
        _pipe = pipe;
        _options = options;
        _time = time;
        _packets = new PacketReader { MaxLength = options.MaxPacketBeforeAuthentication };
        _timer = time.CreateTimer(static t => ((SshTransport)t!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How it stands. Once not <see cref="SshOutcome.Open"/> it stays the same.</summary>
    public SshOutcome Outcome => _outcome;

    /// <summary>Why it ended, for logs: ours in plain English, or the peer's own words, printable ASCII only.</summary>
    public string OutcomeText { get; private set; } = "";

    /// <summary>The code of the DISCONNECT that was received or sent.</summary>
    public DisconnectReason OutcomeReason { get; private set; }

    /// <summary>Set by the authentication: the limits are then those of a known peer.</summary>
    public bool IsAuthenticated
    {
        get;
        set
        {
            field = value;
            _packets.MaxLength = value ? _options.MaxPacket : _options.MaxPacketBeforeAuthentication;
        }
    }

    public long PacketsReceived => _packets.Packets;

    public long PacketsSent => _writer.Packets;

    /// <summary>As they were on the wire, without the version lines.</summary>
    public long BytesReceived => _packets.Bytes;

    /// <summary>As they were on the wire, without the version line.</summary>
    public long BytesSent => _writer.Bytes;

    /// <summary>
    /// Says DISCONNECT, if the peer still reads, and ends it: a read and a write that wait come back. Thread-safe.
    /// </summary>
    /// <param name="reason">Sent.</param>
    /// <param name="text">Sent, and kept as <see cref="OutcomeText"/>.</param>
    /// <param name="cancellationToken">How long to wait for a peer that does not read; no exception.</param>
    public async ValueTask DisconnectAsync(DisconnectReason reason, string text, CancellationToken cancellationToken)
    {
        if (!TryEnd(SshOutcome.Disconnected, reason, text, isTold: true))
            return;
        Pump();
        _pipe.Input.CancelPendingRead();
        await FlushedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes the pipe and wipes the keys. The reader and the writer must be back.</summary>
    public async ValueTask DisposeAsync()
    {
        TryEnd(SshOutcome.Disconnected, DisconnectReason.None, "closed", isTold: false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await FlushedAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        lock (_sending)
        {
            _isSendingOver = true;
            _writer.Dispose();
            _nextSend?.Dispose();
        }
        _exchange?.Dispose();
        _nextReceive?.Dispose();
        _packets.Dispose();
        await _pipe.Output.CompleteAsync().ConfigureAwait(false);
        await _pipe.Input.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>Ends it for a reason that is not the caller's. Thread-safe; never waits.</summary>
    /// <param name="outcome">Whom it blames.</param>
    /// <param name="reason">Sent when <paramref name="isTold"/>.</param>
    /// <param name="text">Sent when <paramref name="isTold"/>.</param>
    /// <param name="isTold">The peer is sent a DISCONNECT.</param>
    private void End(SshOutcome outcome, DisconnectReason reason, string text, bool isTold = true)
    {
        if (!TryEnd(outcome, reason, text, isTold))
            return;
        Pump();
        // A peer that does not read must not hold the writer any longer.
        if (Volatile.Read(ref _isFlushing))
            _pipe.Output.CancelPendingFlush();
        _pipe.Input.CancelPendingRead();
    }

    private bool TryEnd(SshOutcome outcome, DisconnectReason reason, string text, bool isTold)
    {
        lock (_sending)
        {
            if (_outcome != SshOutcome.Open)
                return false;
            OutcomeText = text;
            OutcomeReason = reason;
            _outcome = outcome;
            if (isTold)
                _own.Enqueue(new SshWriter().Begin(MessageNumber.Disconnect)
                    .UInt32((uint)reason).String(text).String("").Written.ToArray());
            Pulse();
            return true;
        }
    }

    private void Violation(string text, DisconnectReason reason = DisconnectReason.ProtocolError) =>
        End(SshOutcome.PeerViolation, reason, text);

    private void OnTimer()
    {
        var age = _time.GetElapsedTime(Volatile.Read(ref _kexStarted));
        if (IsExchanging)
        {
            if (age >= _options.KexTimeout)
                End(SshOutcome.KexTimeout, DisconnectReason.ConnectionLost, "the key exchange took too long");
            return;
        }
        if (IsAuthenticated)
            Rekey();
        else
            ArmTimer(_options.RekeyInterval);
    }

    private void ArmTimer(TimeSpan due)
    {
        try
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Ended meanwhile.
        }
    }

    /// <summary>The peer's words for a log or a terminal.</summary>
    private static string Printable(ReadOnlySpan<byte> words) =>
        string.Create(Math.Min(words.Length, MaxOutcomeText), words, static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = from[i] is >= 0x20 and < 0x7f ? (char)from[i] : '?';
        });
}
