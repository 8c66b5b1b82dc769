using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// A hold as approvers see it. <see cref="Text"/> is what an approval now would let run, and <see cref="Revision"/> names it: 0 as
/// asked, one more for each modification. <see cref="Remaining"/> is by the monotonic clock.
/// </summary>
public sealed record HoldView(Hold Hold, HoldState State, ImmutableArray<string> By, string? Reason, string Text, int Revision,
    int StillNeeded, TimeSpan Remaining);
