using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Session;

namespace Sallyport.Ssh.Tests.Session;

public sealed class SshAskedTests
{
    /// <summary>THREATS 83: a ticket for a line that reads like something else is no ticket for that.</summary>
    [Fact]
    public void Threat83_ALineThatReadsLikeAShellIsNotOne()
    {
        Assert.Equal(HashOf("shell", SshFacts.Shell), HashOf("shell", SshFacts.Shell));
        Assert.NotEqual(HashOf("shell", SshFacts.Shell), HashOf("shell", ExecReader.Read("shell"u8)));
        Assert.NotEqual(HashOf("forward_local db1:22", SshFacts.ForwardLocal("db1", 22)), HashOf("forward_local db1:22", ExecReader.Read("forward_local db1:22"u8)));
    }

    private static string HashOf(string text, SshFacts facts)
    {
        using var hash = new CommandHash();
        hash.Begin(new Principal { Name = "bot" }, "web1");
        new SshAsked(Encoding.UTF8.GetBytes(text), facts, new Decision(DecisionKind.Hold, "rule"), null).AddTo(hash);
        return Convert.ToHexString([.. hash.Finish()]);
    }
}
