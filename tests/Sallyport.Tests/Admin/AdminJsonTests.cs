using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sallyport.Admin;
using Sallyport.Cli;
using Sallyport.Cli.Policies;
using Sallyport.Cli.Sessions;

namespace Sallyport.Tests.Admin;

public class AdminJsonTests
{
    private static readonly Type[] Roots =
    [
        typeof(AdminProblem), typeof(StatusMessage), typeof(SessionMessage), typeof(RecordLine), typeof(SecretMessage), typeof(IssueAnswer),
        typeof(HoldMessage), typeof(DecisionAnswer), typeof(CheckMessage), typeof(PolicyTestMessage), typeof(ExplainMessage),
        typeof(VerifyMessage),
    ];

    [Fact]
    public void Each_enum_of_a_message_is_written_as_a_word()
    {
        var options = AdminJson.Default.Options;
        var enums = new HashSet<Type>();
        var seen = new HashSet<Type>();
        var waiting = new Stack<Type>(Roots);
        while (waiting.TryPop(out var type))
        {
            if (!seen.Add(type))
                continue;
            var bare = Nullable.GetUnderlyingType(type) ?? type;
            if (bare.IsEnum)
                enums.Add(bare);
            var info = options.GetTypeInfo(type);
            foreach (var property in info.Properties)
                waiting.Push(property.PropertyType);
            if (info is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element })
                waiting.Push(element);
        }

        Assert.Contains(typeof(Sallyport.Core.Detectors), enums);
        foreach (var type in enums)
        {
            var first = Enum.GetValues(type).GetValue(0)!;
            Assert.Equal($"\"{JsonNamingPolicy.CamelCase.ConvertName(first.ToString()!)}\"", JsonSerializer.Serialize(first, options.GetTypeInfo(type)));
        }
    }
}
