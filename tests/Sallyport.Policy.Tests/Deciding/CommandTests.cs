using Sallyport.Core;
using static Sallyport.Core.DecisionKind;

namespace Sallyport.Policy.Tests.Deciding;

/// <summary>Conditions on commands, lines, paths and destinations.</summary>
public sealed class CommandTests
{
    private static readonly Principal Ana = Given.Person("ana", "staff");

    private static Effect Command(string line, params string[] words) => new(EffectKind.Server, "exec")
    {
        Objects = [new EffectObject(ObjectType.Command, "", string.Join(' ', words)) { Words = [.. words] }],
        Line = line,
    };

    private static Effect Opaque(string? line) => new(EffectKind.Opaque, "exec") { Line = line, Detail = "the character '$'" };

    private static DecisionKind Decide(Facts facts, params string[] rules) => Given.Rules(rules).Decide(facts, Ana, Given.Shop, null).Kind;

    private const string Status = "name: status, who: staff, on: shop, do: exec, if: {command: [systemctl status *, uptime]}, then: allow";

    [Fact]
    public void Threat51_EachCommandOfALineMustBeAllowed()
    {
        const string Line = "uptime; rm x";
        Assert.Equal(Allow, Decide(Given.Facts(Command("uptime", "uptime")), Status));
        Assert.Equal(Deny, Decide(Given.Facts(Command(Line, "uptime"), Command(Line, "rm", "x")), Status));
    }

    [Fact]
    public void OneCommandOfALineIsEnoughToDenyAndToHold()
    {
        const string All = "name: all, who: staff, on: shop, do: server, then: allow";
        var facts = Given.Facts(Command("a", "uptime"), Command("a", "reboot", "now"));
        Assert.Equal(Deny, Decide(facts, All, "name: no, who: staff, on: shop, if: {command: reboot *}, then: deny"));
        Assert.Equal(DecisionKind.Hold, Decide(facts, All, "name: wait, who: staff, on: shop, do: exec, if: {command: reboot *}, then: hold, approvers: oncall"));
    }

    [Fact]
    public void Threat51_AnOpaqueLinePassesByItsExactTextOrWhereOpaqueIsNamed()
    {
        const string Exact = "name: exact, who: staff, on: shop, if: {line: 'echo $HOME'}, then: allow";
        const string Anything = "name: any, who: staff, on: shop, then: allow";
        Assert.Equal(Allow, Decide(Given.Facts(Opaque("echo $HOME")), Exact));
        Assert.Equal(Deny, Decide(Given.Facts(Opaque("echo $HOME ")), Exact));
        Assert.Equal(Deny, Decide(Given.Facts(Opaque(null)), Exact));
        Assert.Equal(Deny, Decide(Given.Facts(Opaque("echo $HOME")), Anything, Status));
        Assert.Equal(Allow, Decide(Given.Facts(Opaque("echo $HOME")), "name: o, who: staff, on: shop, do: opaque, then: allow"));
    }

    [Fact]
    public void AnExactLineFitsLinesThatAreReadToo() =>
        Assert.Equal(Allow, Decide(Given.Facts(Command("ls -l", "ls", "-l")), "name: exact, who: staff, on: shop, if: {line: ls -l}, then: allow"));

    [Theory]
    [InlineData("path: /srv/**", ObjectType.Path, "/srv/a/b", Allow)]
    [InlineData("path: /srv/*", ObjectType.Path, "/srv/a/b", Deny)]
    [InlineData("destination: '10.0.0.0/8:22'", ObjectType.Destination, "10.0.0.7:22", Allow)]
    [InlineData("destination: '10.0.0.0/8:22'", ObjectType.Path, "10.0.0.7:22", Deny)]
    public void ObjectsMeetTheConditionOfTheirType(string condition, ObjectType type, string name, DecisionKind expected)
    {
        var effect = new Effect(EffectKind.Server, "x") { Objects = [new EffectObject(type, "", name)] };
        Assert.Equal(expected, Decide(Given.Facts(effect), $"name: r, who: staff, on: shop, if: {{{condition}}}, then: allow"));
    }

    [Theory]
    [InlineData("command: \"echo 'x\"", "is not words with closed quotes")]
    [InlineData("destination: db1", "is not host:port")]
    [InlineData("pod: x", "is not supported by this version")]
    public void WhatIsNoPatternIsAnError(string condition, string message) =>
        Assert.Contains(message, Assert.Single(Given.ErrorsOf($"name: r, who: staff, on: shop, if: {{{condition}}}, then: allow")), StringComparison.Ordinal);

    [Fact]
    public void AnExplanationSaysCommandsAndTrees()
    {
        var policy = Given.Rules(Status, "name: up, who: staff, on: shop, do: scp_write, if: {path: /srv/**}, then: allow");
        var tree = new Effect(EffectKind.Write, "scp_write") { Objects = [new EffectObject(ObjectType.Path, "", "/etc\u001b") { IsTree = true }] };
        var explanation = PolicyExplanation.Of(policy, Given.Facts(Command("uptime", "uptime"), tree), Ana, Given.Shop, null);
        Assert.Equal(["server (exec) on command uptime", "write (scp_write) on path /etc\\e and all below it"], explanation.Effects.AsEnumerable());
        Assert.Equal("No rule allows write (scp_write) on path /etc\\e and all below it.", explanation.Decision.Message);
        Assert.Equal(
            "exec of command systemctl status *, uptime on shop is allowed by status; scp_write of path /srv/** on shop is allowed by up",
            explanation.Decision.Alternative);
    }
}
