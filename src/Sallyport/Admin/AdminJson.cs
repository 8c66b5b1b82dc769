using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sallyport.Approvals;
using Sallyport.Cli;
using Sallyport.Cli.Policies;
using Sallyport.Cli.Sessions;
using Sallyport.Core;
using Sallyport.Policy;
using Sallyport.Recording.Segments;

namespace Sallyport.Admin;

/// <summary>
/// How the admin API and <c>--json</c> write JSON: camelCase, enums as words, nulls left out. What is not named here cannot be written;
/// each enum among it needs its converter.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters =
    [
        typeof(Words<BudgetScope>), typeof(Words<DecideOutcome>), typeof(Words<DecisionKind>), typeof(Words<Detectors>),
        typeof(Words<EffectKind>), typeof(Words<HoldState>), typeof(Words<MaskKind>), typeof(Words<ObjectType>), typeof(Words<PredicateUse>),
        typeof(Words<PrincipalKind>), typeof(Words<RecordKind>), typeof(Words<RuleOutcome>), typeof(Words<VerifyFindingKind>),
        typeof(Words<WhereClause>),
    ])]
[JsonSerializable(typeof(AdminProblem))]
[JsonSerializable(typeof(StatusMessage))]
[JsonSerializable(typeof(List<SessionMessage>))]
[JsonSerializable(typeof(KillRequest))]
[JsonSerializable(typeof(KillAnswer))]
[JsonSerializable(typeof(RecordLine))]
[JsonSerializable(typeof(List<SecretMessage>))]
[JsonSerializable(typeof(IssueRequest))]
[JsonSerializable(typeof(IssueAnswer))]
[JsonSerializable(typeof(RevokeAnswer))]
[JsonSerializable(typeof(List<HoldMessage>))]
[JsonSerializable(typeof(ApproveRequest))]
[JsonSerializable(typeof(RejectRequest))]
[JsonSerializable(typeof(ModifyRequest))]
[JsonSerializable(typeof(DecisionAnswer))]
[JsonSerializable(typeof(CheckMessage))]
[JsonSerializable(typeof(PolicyTestMessage))]
[JsonSerializable(typeof(ExplainMessage))]
[JsonSerializable(typeof(VerifyMessage))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    private static JsonSerializerOptions IndentedOptions => field ??= new(Default.Options) { WriteIndented = true };

    /// <summary>One line, for the wire.</summary>
    public static JsonTypeInfo<T> Compact<T>() => (JsonTypeInfo<T>)Default.Options.GetTypeInfo(typeof(T));

    /// <summary>For people who look at it.</summary>
    public static JsonTypeInfo<T> Indented<T>() => (JsonTypeInfo<T>)IndentedOptions.GetTypeInfo(typeof(T));

    /// <summary>Makes options that others own read and write as these do.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = Default.Options.DefaultIgnoreCondition;
        options.UnmappedMemberHandling = Default.Options.UnmappedMemberHandling;
        foreach (var converter in Default.Options.Converters)
            options.Converters.Add(converter);
        options.TypeInfoResolver = Default;
    }

    private sealed class Words<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
        where T : struct, Enum;
}
