using Sallyport.Ssh.Upstream;

namespace Sallyport.Ssh;

/// <summary>What a client hears when its proof did and there is no session all the same: the text of a DISCONNECT.</summary>
internal static class SessionFaults
{
    public static string Words(SessionOpenOutcome outcome) => outcome switch
    {
        SessionOpenOutcome.TooMany => "the gateway has as many sessions as it takes; try again later",
        SessionOpenOutcome.CannotRecord => "the gateway cannot record, and nothing passes without it; tell who runs it",
        SessionOpenOutcome.Stopping => "the gateway is stopping; try again later",
        _ => "no session",
    };

    public static string Words(SshFault fault, string resource) => fault switch
    {
        SshFault.Unreachable => $"the gateway cannot reach {resource}",
        SshFault.TimedOut => $"{resource} did not answer in time",
        SshFault.HostKeyRefused => $"{resource} did not prove to be itself: its host key is not the expected one; tell who runs the gateway",
        SshFault.NoCredential => $"the gateway's own credential for {resource} cannot be read; tell who runs it",
        SshFault.LoginRefused => $"{resource} does not take the gateway's own credential; tell who runs it",
        _ => $"the gateway and {resource} have no algorithm in common, or it broke the protocol; tell who runs the gateway",
    };
}
