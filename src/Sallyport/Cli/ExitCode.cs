namespace Sallyport.Cli;

/// <summary>What the process answers to its caller; documented in <c>sallyport --help</c> and never renumbered.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>It was done and the answer is no: a test failed, nothing found, the approval was refused.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    public const int CannotReach = 3;

    public const int NotAuthorised = 4;

    public const int BadConfiguration = 5;

    public const int AddressInUse = 6;

    /// <summary>Another gateway owns the data folder.</summary>
    public const int StateLocked = 7;

    /// <summary>The data folder, a certificate or a key cannot be read or written.</summary>
    public const int CannotUseFiles = 8;

    /// <summary>A program that is needed is not installed.</summary>
    public const int MissingProgram = 9;

    /// <summary>Ended by a second Ctrl-C: nothing was waited for.</summary>
    public const int Interrupted = 130;

    public const string Help =
        "Exit codes: 0 done; 1 failed or a negative answer; 2 usage; 3 no gateway answers; 4 not authorised; 5 configuration is wrong; " +
        "6 address in use; 7 another gateway owns the data folder; 8 files cannot be used; 9 a needed program is missing; 130 interrupted.";
}
