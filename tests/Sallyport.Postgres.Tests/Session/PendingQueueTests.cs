using System.Runtime.CompilerServices;
using Sallyport.Postgres.Session;
using Xunit;

namespace Sallyport.Postgres.Tests.Session;

public sealed class PendingQueueTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Entries_come_out_in_order_wherever_the_queue_outgrows_its_first_room(int before)
    {
        var queue = new PendingQueue();
        var (pushed, popped) = (0, 0);
        for (var i = 0; i < before; i++)
        {
            Push(queue, pushed++);
            Assert.Equal(popped++, Pop(queue));
        }

        // In and out, with ever more of them under way.
        for (var under = 1; under <= 128; under++)
        {
            while (pushed - popped < under)
                Push(queue, pushed++);
            Assert.Equal(popped++, Pop(queue));
        }
        while (popped < pushed)
            Assert.Equal(popped++, Pop(queue));
        Assert.True(queue.IsEmpty);
        Assert.True(Unsafe.IsNullRef(ref queue.Peek()));
    }

    [Fact]
    public void A_full_queue_refuses_another_entry()
    {
        var queue = new PendingQueue();
        for (var i = 0; i < 128; i++)
            Push(queue, i);
        Assert.True(queue.IsCrowded);
        Assert.Throws<InvalidOperationException>(() => Push(queue, 128));
        Assert.Equal(0, Pop(queue));
    }

    [Fact]
    public void Two_threads_lose_nothing_and_keep_the_order()
    {
        // Many queues, since each outgrows its first room once only.
        for (var round = 0; round < 2_000; round++)
        {
            var queue = new PendingQueue();
            var seen = 0;
            var reader = new Thread(() =>
            {
                while (seen < 300)
                {
                    if (queue.IsEmpty)
                        Thread.Yield();
                    else if (Pop(queue) == seen)
                        seen++;
                    else
                        return;
                }
            });
            reader.Start();
            for (var i = 0; i < 300; i++)
            {
                while (queue.IsCrowded)
                    Thread.Yield();
                Push(queue, i);
            }
            Assert.True(reader.Join(TimeSpan.FromMinutes(1)));
            Assert.Equal(300, seen);
        }
    }

    private static void Push(PendingQueue queue, int number) => queue.Push(new Pending { Kind = PendingKind.Bind, Binding = number });

    private static int Pop(PendingQueue queue)
    {
        var number = queue.Peek().Binding;
        queue.Pop();
        return number;
    }
}
