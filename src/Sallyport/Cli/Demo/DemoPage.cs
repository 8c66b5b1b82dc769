using Sallyport.Approvals;
using Sallyport.Printing;

namespace Sallyport.Cli.Demo;

/// <summary>What the demo prints: lines to paste as they are, and later one block for each command that waits.</summary>
internal sealed class DemoPage
{
    private readonly CliContext _cli;
    private readonly DemoFolder _folder;
    private readonly DemoPorts _ports;
    private readonly string _agent;

    public DemoPage(CliContext cli, DemoFolder folder, DemoPorts ports, string psql)
    {
        _cli = cli;
        _folder = folder;
        _ports = ports;
        _agent = $"PGSERVICEFILE={Quote(DemoFolder.Show(folder.ClientFile))} {Quote(psql)} service={DemoFiles.Agent}";
    }

    private string Access => $"--config {Quote(DemoFolder.Show(_folder.Config))} --as {DemoFiles.Person} --secret-file {Quote(DemoFolder.Show(_folder.PersonSecret))}";

    public void Print()
    {
        if (_ports.Taken is { } taken)
            _cli.Out.WriteLine($"Port {taken} is taken, so the gateway uses {_ports.Gateway}.");
        _cli.Out.WriteLine($"""
            Ready: PostgreSQL behind a gateway on 127.0.0.1:{_ports.Gateway}. Everything is in {_folder.Shown}. Ctrl-C stops it all.

            In a second terminal:
              cd {Quote(Environment.CurrentDirectory)}

            The agent {DemoFiles.Agent} reads, and sees no card, e-mail or SSN:
              {Ask("select id, name, email, card_number, ssn from customers order by id limit 3")}
            It may not drop anything:
              {Ask("drop table orders")}
            It writes, and the command waits for a person. How to answer it then appears here:
              {Ask("update orders set status = 'shipped' where id = 3")}

            What waits, and what happened, for {DemoFiles.Person} who is on call:
              {Call("approvals list")}
              {Call("sessions list")}
              {Call("sessions replay last")}

            The rules are in {DemoFolder.Show(_folder.PolicyFile)}: an edit is in force after a second or two.
            """);
    }

    public async Task FollowAsync(HoldSubscription holds, CancellationToken stop)
    {
        await foreach (var change in holds.Events.ReadAllAsync(stop))
        {
            if (change.Kind == HoldEventKind.Asked)
                PrintWaiting(change.Hold.Id, change.Hold.Principal.Name, change.Hold.Text);
            else if (change.Outcome is { } outcome)
                _cli.Line($"{change.Hold.Id} {outcome.State.ToString().ToLowerInvariant()}");
        }
    }

    private void PrintWaiting(string id, string who, string text) => _cli.Out.WriteLine($"""

        {SafeText.Escape(who)} waits: {SafeText.Short(text, 100)}
          {Call($"approvals show {id}")}
          {Call($"approvals approve {id}")}
          {Call($"approvals reject {id} --reason 'Not today.'")}
        """);

    private string Ask(string sql) => $"{_agent} -c \"{sql}\"";

    private string Call(string verb) => $"{Quote(_cli.Self)} {verb} {Access}";

    /// <summary>As sh reads it: only what has another meaning there is quoted.</summary>
    private static string Quote(string text) =>
        text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
