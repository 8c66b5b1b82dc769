using System.Runtime.ExceptionServices;

namespace Sallyport.Fuzz;

/// <summary>Runs on a stack as small as those of the threads that serve connections: what nests deeply must find that out there.</summary>
internal static class SmallStack
{
    private const int Size = 1536 * 1024;

    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(Work, Size);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;

        void Work()
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
