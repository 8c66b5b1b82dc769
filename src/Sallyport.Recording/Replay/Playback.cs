using System.Runtime.CompilerServices;

namespace Sallyport.Recording.Replay;

/// <summary>How fast a recording is played.</summary>
public sealed record PlaybackOptions
{
    /// <summary>2 is twice as fast; zero or less plays without any delay.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>No pause is longer than this, before the speed counts; null keeps them as they were.</summary>
    public TimeSpan? IdleLimit { get; init; }

    /// <summary>Asked before each item instead of waiting for its time: the viewer steps.</summary>
    public Func<CancellationToken, ValueTask>? Step { get; init; }
}

/// <summary>Hands items on in the rhythm in which they were recorded.</summary>
public static class Playback
{
    public static async IAsyncEnumerable<RecordedItem> PlayAsync(
        IAsyncEnumerable<RecordedItem> items, PlaybackOptions options, TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        DateTimeOffset? before = null;
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (options.Step is { } step)
                await step(cancellationToken).ConfigureAwait(false);
            else if (before is { } last && PauseOf(item.At - last, options) is var pause && pause > TimeSpan.Zero)
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            before = item.At;
            yield return item;
        }
    }

    internal static TimeSpan PauseOf(TimeSpan gap, PlaybackOptions options)
    {
        if (options.Speed <= 0)
            return TimeSpan.Zero;
        return (options.IdleLimit is { } limit && gap > limit ? limit : gap) / options.Speed;
    }
}
