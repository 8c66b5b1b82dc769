using System.Runtime.InteropServices;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>What a ticket lets pass: this command of this principal on this resource, in whichever of its sessions.</summary>
internal readonly record struct TicketKey(UInt128 First, UInt128 Second, PrincipalKey Principal, string Resource)
{
    /// <summary>False when the hash is not one of <see cref="CommandHash.Size"/> bytes.</summary>
    public static bool TryMake(Principal principal, string resource, ReadOnlySpan<byte> hash, out TicketKey key)
    {
        key = default;
        if (hash.Length != CommandHash.Size)
            return false;
        var (first, second) = (MemoryMarshal.Read<UInt128>(hash), MemoryMarshal.Read<UInt128>(hash[16..]));
        key = new TicketKey(first, second, PrincipalKey.Of(principal), resource);
        return true;
    }
}
