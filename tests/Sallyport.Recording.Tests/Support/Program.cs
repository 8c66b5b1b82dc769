using Sallyport.Core;

namespace Sallyport.Recording.Tests.Support;

/// <summary>The child process of the crash tests: records until it is killed and says which records it was told are taken.</summary>
public static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        var opened = Recorder.Open(Rig.OptionsFor(arguments[1]), TimeProvider.System, null);
        if (opened.Recorder is not { } recorder)
        {
            Console.WriteLine(opened.Message);
            return 3;
        }
        if (arguments[0] == "hold")
        {
            Console.WriteLine("held");
            await Console.In.ReadLineAsync();
            await recorder.DisposeAsync();
            return 0;
        }
        new Thread(() => Write(recorder)).Start();
        Write(recorder);
        return 1;
    }

    private static void Write(Recorder recorder)
    {
        var id = SessionId.New(TimeProvider.System);
        var session = recorder.TryOpen(id, out var reason) ?? throw new InvalidOperationException(reason);
        var payload = new byte[900];
        for (long number = 1; ; number++)
        {
            BitConverter.TryWriteBytes(payload, number);
            while (session.TryAppend(RecordKind.Answer, payload, default, out _) != RecordOutcome.Taken)
                Thread.Yield();
            Console.WriteLine($"{id} {number}");
        }
    }
}
