using Sallyport.Approvals;
using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// A hold as an approver must see it: everything that will run. <see cref="Text"/> is what an approval now lets run, at
/// <see cref="Revision"/>; <see cref="AskedText"/> is the client's own when an approver has changed it.
/// </summary>
internal sealed record HoldMessage
{
    public required string Id { get; init; }

    public required HoldState State { get; init; }

    public required string Session { get; init; }

    public required string Principal { get; init; }

    public required PrincipalKind Kind { get; init; }

    public string? OnBehalfOf { get; init; }

    public required string Resource { get; init; }

    public required string Protocol { get; init; }

    public required string Client { get; init; }

    public required string Text { get; init; }

    public required int Revision { get; init; }

    public string? AskedText { get; init; }

    public required IReadOnlyList<HoldParameter> Parameters { get; init; }

    /// <summary>SHA-256 of what was asked, in hex.</summary>
    public required string Hash { get; init; }

    public required string Rule { get; init; }

    public string? Note { get; init; }

    public required IReadOnlyList<string> Approvers { get; init; }

    public required int Count { get; init; }

    public required int StillNeeded { get; init; }

    public required IReadOnlyList<string> By { get; init; }

    public string? Reason { get; init; }

    public required bool IsTicket { get; init; }

    public required bool InTransaction { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required double RemainingSeconds { get; init; }

    public required IReadOnlyList<string> History { get; init; }

    public string? Estimate { get; init; }

    public static HoldMessage From(HoldView view)
    {
        var hold = view.Hold;
        return new HoldMessage
        {
            Id = hold.Id,
            State = view.State,
            Session = hold.Session.ToString(),
            Principal = hold.Principal.Name,
            Kind = hold.Principal.Kind,
            OnBehalfOf = hold.Principal.OnBehalfOf,
            Resource = hold.Resource,
            Protocol = hold.Protocol,
            Client = hold.Client,
            Text = view.Text,
            Revision = view.Revision,
            AskedText = view.Revision == 0 ? null : hold.Text,
            Parameters = hold.Parameters,
            Hash = Convert.ToHexStringLower(hold.Hash.AsSpan()),
            Rule = hold.Rule,
            Note = hold.Note,
            Approvers = hold.Terms.Approvers,
            Count = hold.Terms.Count,
            StillNeeded = view.StillNeeded,
            By = view.By,
            Reason = view.Reason,
            IsTicket = hold.IsTicket,
            InTransaction = hold.InTransaction,
            AskedAt = hold.AskedAt,
            RemainingSeconds = Math.Max(0, Math.Round(view.Remaining.TotalSeconds, 1)),
            History = hold.History,
            Estimate = hold.Estimate,
        };
    }
}
