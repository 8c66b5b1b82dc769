using Microsoft.Extensions.Time.Testing;

namespace Sallyport.Identity.Tests;

/// <summary>A clock whose wall time can be set back while the monotonic one goes on.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private readonly FakeTimeProvider _steady = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TimeSpan _jump;

    public override long TimestampFrequency => _steady.TimestampFrequency;

    public void Advance(TimeSpan by) => _steady.Advance(by);

    public void Jump(TimeSpan by) => _jump += by;

    public override DateTimeOffset GetUtcNow() => _steady.GetUtcNow() + _jump;

    public override long GetTimestamp() => _steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _steady.CreateTimer(callback, state, dueTime, period);
}
