using Sallyport.Core;

namespace Sallyport.Policy.Tests.Reading;

public sealed class PolicyFileTests
{
    private const string Sample = """
        # policy.yaml
        version: 1
        rules:
          - { name: engineers-read, who: [engineers, agents], on: shop, do: read, then: allow }
          - name: writes-wait
            who: agents                    # groups
            on: {env: prod}
            do: [write, drop]
            then: hold
            approvers: oncall
            count: 1
            within: 60s
            note: Say which ticket this is for.
          - { name: delete-needs-where, who: everyone, on: {kind: postgres}, do: [update, delete], if: {where: missing}, then: deny, message: Add a WHERE clause. }
          - { name: payroll-closed, who: everyone, on: shop, if: {relation: public.payroll}, then: deny }
          - { name: ddl-allow-list, who: migrator, on: shop, do: [create_table, create_index, alter_table_add_column], then: allow }
          - { name: new-rule, who: agents, on: shop, do: copy_out, then: deny, mode: observe }     # records what it would do
        masks:
          - { name: card-data, on: shop, except: dba, columns: { public.customers.card_number: last4, public.customers.email: email, public.customers.ssn: redact } }
          - { name: anything-secret, on: {env: prod}, detect: [pan, ssn, iban, jwt, private_key, aws_key], with: redact }
        tests:
          - { as: {user: bot-7, groups: [agents]}, on: shop, run: "drop table customers", expect: hold by writes-wait }
        """;

    [Fact]
    public void TheSampleLoads()
    {
        var load = Given.Load(Sample, new PolicyContext
        {
            Resources = [Given.Shop],
            Groups = ["engineers", "agents", "migrator", "dba", "oncall"],
            Verbs = ["update", "delete", "create_table", "create_index", "alter_table_add_column", "copy_out"],
        });
        Assert.Empty(load.Errors);
        Assert.Empty(load.Warnings);
        Assert.Equal("(hold, writes-wait)", $"({load.Tests[0].Expect.Kind.ToString().ToLowerInvariant()}, {load.Tests[0].Expect.Rule})");
        var drop = Given.Facts(Given.Effect(EffectKind.Drop, "drop_table", "customers"));
        var decision = load.Snapshot!.Decide(drop, Given.Agent("bot-7", "agents"), Given.Shop, null);
        Assert.Equal((DecisionKind.Hold, "writes-wait", "Say which ticket this is for."), (decision.Kind, decision.Rule, decision.Message));
        Assert.Equal(TimeSpan.FromSeconds(60), decision.Hold!.Within);
    }

    [Fact]
    public void TheDigestIsOfTheBytes()
    {
        var one = Given.Load(Sample).Snapshot!.Snapshot;
        Assert.Equal(one, Given.Load(Sample).Snapshot!.Snapshot);
        Assert.NotEqual(one, Given.Load(Sample + " ").Snapshot!.Snapshot);
        Assert.Equal("e3b0c44298fc1c14", PolicyFile.Digest([]));
    }

    [Fact]
    public void EveryErrorIsReportedAtOnceWithLineAndColumn()
    {
        var load = Given.Load("""
            version: 2
            rules:
              - name: a
                who: agents
                on: shop
                then: alow
              - name: a
                whoo: agents
                on: {kind: postgress}
                do: [raed table, read]
                if: {relation: a.b.c, wher: missing}
                then: allow
                approvers: oncall
            mask: []
            """);
        Assert.Null(load.Snapshot);
        Assert.Equal(
            [
                "policy.yaml:1:10: version: must be a whole number from 1 to 1, not \"2\".",
                "policy.yaml:6:11: rules[0].then: \"alow\" is not one of allow, deny, hold. Did you mean allow?",
                "policy.yaml:7:5: rules[1]: \"who\" is missing.",
                "policy.yaml:7:11: rules[1].name: the name \"a\" is already used in line 3.",
                "policy.yaml:8:5: rules[1].whoo: \"whoo\" is not a known key here. Did you mean who? Known keys: approvers, count, do, " +
                    "except, if, message, mode, name, note, on, shell, then, ticket, who, within, withinTransaction.",
                "policy.yaml:9:16: rules[1].on.kind: \"postgress\" is not one of postgres, ssh, kubernetes, http. Did you mean postgres?",
                "policy.yaml:10:10: rules[1].do[0]: \"raed table\" is neither an effect (read, write, create, alter, drop, privilege, " +
                    "server, session, transaction, opaque) nor a verb (lower case, such as drop_table).",
                "policy.yaml:11:20: rules[1].if.relation: \"a.b.c\" is not name or schema.name. Put a part with odd characters in double quotes.",
                "policy.yaml:11:27: rules[1].if.wher: \"wher\" is not a known key here. Did you mean where? Known keys: column, command, " +
                    "database, destination, function, line, path, pod, relation, role, schema, setting, where.",
                "policy.yaml:13:16: rules[1].approvers: \"approvers\" goes with then: hold, not with then: allow.",
                "policy.yaml:14:1: mask: \"mask\" is not a known key here. Did you mean masks? Known keys: budgets, masks, rules, tests, version.",
            ],
            load.Errors.Select(static e => e.ToString()));
    }

    [Theory]
    [InlineData("then: hold", "\"approvers\" is missing: nobody could let the command go.")]
    [InlineData("then: hold, approvers: agent:bot", "\"agent:bot\" cannot approve; name a group, or one person as user:name.")]
    [InlineData("then: hold, approvers: [user:a, user:b], count: 3", "names 2 but \"count\" asks for 3: the hold could never be approved.")]
    [InlineData("then: hold, approvers: a, within: 0s", "must be from 1s to 7d, not 0s.")]
    [InlineData("then: hold, approvers: a, within: 60", "must be a duration such as")]
    [InlineData("then: deny, count: 2", "\"count\" goes with then: hold, not with then: deny.")]
    [InlineData("then: allow, message: hi", "\"message\" goes with then: deny or hold; an allowed command shows none.")]
    [InlineData("then: allow, do: []", "is an empty list; it would match nothing.")]
    [InlineData("then: allow, if: {}", "has no condition; leave it out.")]
    [InlineData("then: deny, if: {pod: [privileged]}", "\"pod\" is not supported by this version")]
    [InlineData("then: deny, mode: observ", "\"observ\" is not one of enforce, observe. Did you mean observe?")]
    [InlineData("then: deny, except: usr:ana", "Did you mean user?")]
    [InlineData("then: deny, if: {relation: 'a.\"b'}", "is not name or schema.name")]
    public void AMistakeInARuleIsAnError(string rest, string error) =>
        Assert.Contains(error, Assert.Single(Given.ErrorsOf($"name: r, who: everyone, on: shop, {rest}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("columns: {customers.email: email}", "a column is schema.relation.column, exactly, without *.")]
    [InlineData("columns: {public.*.email: email}", "a column is schema.relation.column, exactly, without *.")]
    [InlineData("columns: {public.c.e: mail}", "\"mail\" is not one of redact, null, last4, email, hash, fixed.")]
    [InlineData("columns: {public.c.e: fixed}", "fixed needs its value: {fixed: value}.")]
    [InlineData("detect: pna", "\"pna\" is not one of pan, ssn")]
    [InlineData("detect: pan, with: null", "null cannot stand for a part of a text; use redact.")]
    [InlineData("with: redact", "needs \"columns\" or \"detect\".")]
    [InlineData("columns: { a.b.c: redact }, predicates: none", "\"none\" is not one of allow, equality, deny.")]
    [InlineData("columns: { a.b.c: redact }, derived: allow", "\"allow\" is not one of mask, deny.")]
    [InlineData("detect: pan, predicates: deny", "\"predicates\" goes with \"columns\".")]
    [InlineData("resource: secrets", "\"resource\" is not supported by this version; nothing would be masked.")]
    public void AMistakeInAMaskIsAnError(string rest, string error)
    {
        var load = Given.Load($"version: 1\nrules: []\nmasks:\n  - {{ name: m, on: shop, {rest} }}\n");
        Assert.Contains(load.Errors, e => e.Message.Contains(error, StringComparison.Ordinal));
        Assert.Null(load.Snapshot);
    }

    [Fact]
    public void UnknownNamesAroundTheFileAreWarnings()
    {
        var load = Given.Load(
            "version: 1\nrules:\n  - { name: r, who: agnets, on: shopp, then: allow }\n  - { name: s, who: agents, on: {env: qa}, then: allow }\n",
            new PolicyContext { Resources = [Given.Shop], Groups = ["agents"] });
        Assert.NotNull(load.Snapshot);
        Assert.Equal(
            [
                "No known principal is in group \"agnets\". Did you mean agents? For one principal write user:, agent: or service: and the name.",
                "There is no configured resource \"shopp\". Did you mean shop?",
                "No configured resource has these labels and kind.",
            ],
            load.Warnings.Select(static w => w.Message));
    }

    [Fact]
    public void Threat95_AVerbNobodySaysIsAnErrorAndNotARuleThatNeverMatches()
    {
        var load = Given.Load(
            "version: 1\nrules:\n  - { name: r, who: everyone, on: shop, do: [drop_tabel, drop_*], then: deny }\n",
            new PolicyContext { Verbs = ["drop_table"] });
        Assert.Equal("\"drop_tabel\" is no effect and no verb. Did you mean drop_table?", Assert.Single(load.Errors).Message);
    }

    [Fact]
    public void RulesThatNeverDecideAreWarnedOf()
    {
        var load = Given.Load("""
            version: 1
            rules:
              - { name: closed, who: everyone, on: shop, then: deny }
              - { name: hidden, who: agents, on: shop, do: read, then: allow }
              - { name: nobody, who: agents, except: everyone, on: lab, then: allow }
              - { name: fine, who: agents, on: lab, then: allow }
            """);
        Assert.Equal(
            [
                "hidden never decides: closed (deny) always matches too and is stricter.",
                "nobody never matches: \"except\" takes back all of \"who\".",
            ],
            load.Warnings.Select(static w => w.Message));
    }
}
