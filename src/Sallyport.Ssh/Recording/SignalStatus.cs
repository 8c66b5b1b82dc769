namespace Sallyport.Ssh.Recording;

/// <summary>The exit status that shells give to what a signal ended: 128 and the signal's number in Linux.</summary>
internal static class SignalStatus
{
    private const uint Unknown = 127;

    /// <summary>The signals of RFC 4254 §6.10.</summary>
    private static readonly Dictionary<string, uint> Numbers = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ILL"] = 4,
        ["ABRT"] = 6,
        ["FPE"] = 8,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["SEGV"] = 11,
        ["USR2"] = 12,
        ["PIPE"] = 13,
        ["ALRM"] = 14,
        ["TERM"] = 15,
    };

    /// <param name="signal">Its name without SIG; 255 for one that is not known.</param>
    public static uint Of(string signal) => 128 + Numbers.GetValueOrDefault(signal, Unknown);
}
