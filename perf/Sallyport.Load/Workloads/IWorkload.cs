using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;

namespace Sallyport.Load.Workloads;

/// <summary>
/// Something that every subject is asked to do. One call is one round: one subject after the other, so that a busy second hits neighbours
/// in time, which are the values a ratio is made of.
/// </summary>
public interface IWorkload
{
    /// <summary>For --workloads.</summary>
    string Name { get; }

    /// <summary>Asks each subject once and adds what came of it.</summary>
    Task RunAsync(Stage stage, Results results);
}
