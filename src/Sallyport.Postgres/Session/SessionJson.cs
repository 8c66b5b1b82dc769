using System.Text.Json.Serialization;

namespace Sallyport.Postgres.Session;

/// <summary>The JSON that sessions record and that stands in DETAIL, for agents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VerdictDetail))]
[JsonSerializable(typeof(BudgetDetail))]
[JsonSerializable(typeof(BudgetEvent))]
[JsonSerializable(typeof(ViolationEvent))]
internal sealed partial class SessionJson : JsonSerializerContext;

/// <summary>Why a command did not pass, and by which policy.</summary>
internal sealed record VerdictDetail(string Decision, string Rule, string? Hold, string? Allowed, string Policy);

/// <summary>Which budget is used up; without <see cref="RenewsInSeconds"/> there will be no room again.</summary>
internal sealed record BudgetDetail(
    string Decision, string Budget, string Measure, int Limit, long Used, long? RenewsInSeconds, string Policy);

/// <summary>Recorded when a budget refuses, cuts or would have.</summary>
internal sealed record BudgetEvent(string Event, string What, string Budget, string Measure, int Limit, long Used, string Per);

/// <summary>Recorded when one side does not speak the protocol.</summary>
internal sealed record ViolationEvent(string Event, string Side, string Detail);
