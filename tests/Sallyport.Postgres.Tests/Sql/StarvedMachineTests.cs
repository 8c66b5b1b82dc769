using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>A machine so busy that the time limit passes before anything is done (found by fuzzing on one).</summary>
public sealed class StarvedMachineTests
{
    [Fact]
    public void Threat14_TimeThatRunsOutCostsAReadingButNoReader()
    {
        for (var i = 0; i < 20; i++)
        {
            using var reader = SqlReader.Create(new SqlReaderOptions { CacheFolder = SqlReaderFixture.CacheFolder, Time = new RacingTime() });
            var effect = Assert.Single(reader.Read("select 1"u8).Effects);
            Assert.True(effect is { Kind: EffectKind.Read, Verb: "select" } or { Kind: EffectKind.Opaque, Detail: "took too long" }, effect.ToString());
        }
    }

    /// <summary>Timers that are due again and again without end.</summary>
    private sealed class RacingTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new RacingTimer(callback, state);
    }

    private sealed class RacingTimer : ITimer
    {
        private readonly Thread _thread;
        private volatile bool _ended;

        public RacingTimer(TimerCallback callback, object? state)
        {
            _thread = new Thread(() =>
            {
                while (!_ended)
                    callback(state);
            });
            _thread.Start();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
            _ended = true;
            _thread.Join();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
