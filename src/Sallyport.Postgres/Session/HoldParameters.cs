using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Replay;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>A Bind's parameters as an approver reads them.</summary>
internal static class HoldParameters
{
    public static ImmutableArray<HoldParameter> Of(Portal? portal)
    {
        if (portal is null || !CommandLog.TryParameters(portal.Tail, out var formats, out var count, out var values))
            return [];
        var parameters = ImmutableArray.CreateBuilder<HoldParameter>(count);
        var reader = new BodyReader(values);
        for (var i = 0; i < count; i++)
        {
            reader.TryInt32(out var length);
            reader.TryBytes(Math.Max(0, length), out var value);
            var type = portal.Statement?.TypeOf(i) ?? 0;
            var text = length < 0 ? null : BinaryValue.ToText(type, BindView.FormatAt(formats, i) == 1, value);
            parameters.Add(new HoldParameter(TypeNames.Of(type), text));
        }
        return parameters.MoveToImmutable();
    }
}
