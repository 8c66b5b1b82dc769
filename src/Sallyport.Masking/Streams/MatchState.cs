using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Masking.Detection;

namespace Sallyport.Masking.Streams;

/// <summary>How far the matching of one run of visible text has come. A value: it can be kept and taken back.</summary>
internal struct MatchState
{
    private const int LongestDomain = 255;
    private const int LengthOfAwsKey = 16;
    private const int ShortestToken = 16;

    private int _node;
    private int _active;
    private Counts _left;
    private KeyBlock _key;
    private NumberRuns _numbers;

    /// <summary>The last eight visible bytes, the last lowest.</summary>
    private ulong _before;

    public readonly ulong Before => _before;

    /// <summary>Nothing is suspected.</summary>
    public readonly bool IsAtRest => _node == 0 && _active == 0 && !_key.IsActive && _numbers.IsAtRest;

    /// <summary>
    /// Enough is suspected that a soft wrap (a space and a carriage return) does not end it. Not before the third byte: those are passed
    /// over without being looked at one by one.
    /// </summary>
    public readonly bool MayWrap(StreamMaskPlan plan) =>
        plan.Triggers.Depth(_node) >= 3 || _active != 0 || _key.IsActive || _numbers.IsUnderWay;

    /// <summary>Bytes that begin nothing were passed over.</summary>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes[^Math.Min(bytes.Length, sizeof(ulong))..])
            _before = (_before << 8) | value;
    }

    /// <summary>True when the byte is to be masked.</summary>
    public bool Step(StreamMaskPlan plan, byte value, ref Detectors found)
    {
        var masks = _active != 0 && StepBodies(plan, value, ref found);
        if (_key.IsActive)
            masks |= _key.Step(value);
        if (_key.IsInBody)
            found |= Detectors.PrivateKey;
        _node = plan.Triggers.Next(_node, value);
        if (_node != 0)
        {
            masks |= plan.Triggers.Masks(_node);
            if (plan.Triggers.End(_node) is { Begins: { } body } trigger)
                Begin(plan, body, trigger.Text.Length);
        }
        masks |= _numbers.Step(value, _before, plan.Detectors, ref found);
        _before = (_before << 8) | value;
        return masks;
    }

    private void Begin(StreamMaskPlan plan, Body body, int length)
    {
        // Of a long trigger nobody asks what stands before it.
        var before = length > 4 ? 0 : _before >> (8 * (length - 1));
        var left = body switch
        {
            Body.AwsKey => Ascii.IsUpper((byte)before) || Ascii.IsDigit((byte)before) ? 0 : LengthOfAwsKey,
            Body.JsonWebToken => NumberRuns.BeginsWord(before) ? Scanner.LongestFound : 0,
            Body.EmailDomain => LongestDomain,
            Body.LongSecret => plan.LongestTail,
            _ => 0,
        };
        if (body == Body.PrivateKey)
            _key.Begin();
        else if (left > 0)
        {
            _left[(int)body] = left;
            _active |= 1 << (int)body;
        }
    }

    private bool StepBodies(StreamMaskPlan plan, byte value, ref Detectors found)
    {
        var masks = false;
        for (var body = 0; body < (int)Body.Classes; body++)
        {
            if ((_active & (1 << body)) == 0)
                continue;
            if (!IsOf((Body)body, plan, value) || --_left[body] == 0)
                _active &= ~(1 << body);
            var isOf = IsOf((Body)body, plan, value);
            masks |= isOf;
            if ((Body)body == Body.AwsKey && isOf && _left[body] == 0)
                found |= Detectors.AwsKey;
            else if ((Body)body == Body.JsonWebToken && _left[body] == Scanner.LongestFound - ShortestToken)
                found |= Detectors.Jwt;
            else if ((Body)body == Body.EmailDomain && value == '.' && _left[body] < LongestDomain - 1)
                found |= Detectors.Email;
        }
        return masks;
    }

    private static bool IsOf(Body body, StreamMaskPlan plan, byte value) => body switch
    {
        Body.AwsKey => Ascii.IsUpper(value) || value is >= (byte)'2' and <= (byte)'7',
        Body.JsonWebToken => Ascii.IsBase64Url(value) || value == '.',
        Body.EmailDomain => Ascii.IsLetterOrDigit(value) || value is (byte)'.' or (byte)'-' or >= 0x80,
        _ => plan.LongSecretBytes[value],
    };

    [InlineArray((int)Body.Classes)]
    private struct Counts
    {
        private int _first;
    }
}
