using Sallyport.Core;

namespace Sallyport.Policy.Tests.Deciding;

/// <summary><c>shell: command-mode</c>.</summary>
public sealed class ShellTests
{
    private const string Plain = "name: plain, who: staff, on: shop, do: shell, then: allow";
    private const string Mode = "name: mode, who: staff, on: shop, do: [exec, shell], then: allow, shell: command-mode";
    private const string Asked = "name: asked, who: staff, on: shop, do: shell, then: hold, approvers: oncall";

    private static readonly Principal Ana = Given.Person("ana", "staff");

    private static Decision Decide(params string[] rules) =>
        Given.Rules(rules).Decide(Given.Facts(new Effect(EffectKind.Server, "shell")), Ana, Given.Shop, null);

    [Fact]
    public void TheStricterShellWins()
    {
        Assert.False(Decide(Plain).IsCommandMode);
        Assert.True(Decide(Mode).IsCommandMode);
        Assert.True(Decide(Plain, Mode).IsCommandMode);
        Assert.True(Decide(Mode, Plain).IsCommandMode);
    }

    [Fact]
    public void AnApprovalDoesNotMakeItAPlainShell()
    {
        var decision = Decide(Mode, Asked);

        Assert.Equal((DecisionKind.Hold, true), (decision.Kind, decision.IsCommandMode));
    }

    [Fact]
    public void ARuleThatOnlyObservesChangesNothing() => Assert.False(Decide(Plain, Mode + ", mode: observe").IsCommandMode);

    [Theory]
    [InlineData("name: a, who: staff, on: shop, do: shell, then: deny, shell: command-mode", "\"shell\" goes with then: allow, not with then: deny.")]
    [InlineData("name: a, who: staff, on: shop, do: shell, then: hold, approvers: oncall, shell: command-mode", "\"shell\" goes with then: allow, not with then: hold.")]
    [InlineData("name: a, who: staff, on: shop, do: shell, then: allow, shell: plain", "\"plain\" is not one of command-mode.")]
    [InlineData("name: a, who: staff, on: shop, do: exec, then: allow, shell: command-mode", "this rule never allows one")]
    [InlineData("name: a, who: staff, on: shop, if: {command: ls}, then: allow, shell: command-mode", "this rule never allows one")]
    public void ElsewhereItIsAnError(string rule, string words)
    {
        var error = Assert.Single(Given.ErrorsOf(rule));

        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.StartsWith($"policy.yaml:3:{rule.IndexOf("shell: ", rule.IndexOf("then", StringComparison.Ordinal), StringComparison.Ordinal) + 7 + 7}:", error, StringComparison.Ordinal);
    }
}
