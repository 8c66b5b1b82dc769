using System.Globalization;
using System.Text;
using System.Text.Json;
using Sallyport.Ssh.Recording;

namespace Sallyport.Ssh.Replay.Asciicast;

/// <summary>
/// One channel as an asciicast file: the first with output, else the first. A terminal's output is as it was; other output is made
/// safe, since a player writes it to a terminal. Commands, approvals, standard error and the end are markers; input only
/// <c>withInput</c>, because passwords are in it.
/// </summary>
public sealed class AsciicastWriter(TextWriter output, AsciicastVersion version, bool withInput) : TranscriptWriter
{
    private const int LongestLabel = 200;

    private readonly AsciicastLines _lines = new(output, version);
    private readonly Dictionary<ChannelFlow, SafeStream> _streams = [];
    private readonly List<TranscriptItem> _before = [];
    private string _session = "";
    private ChannelFilter? _filter;
    private ChannelFlow _flow;
    private DateTimeOffset _last;
    private (DateTimeOffset At, uint Status)? _exit;

    public override void Write(TranscriptItem item)
    {
        if (item is NoteItem { Kind: RecordKind.SessionOpened } opened)
            _session = TitleOf(opened.Json);
        if (_filter is not null)
            WriteOwn(item);
        else if (item is ChannelBytesItem { Flow: not ChannelFlow.Input } first)
            Begin(first.Channel, item);
        else if (withInput || item is not ChannelBytesItem)
            _before.Add(item);
    }

    public override string? Complete()
    {
        if (_filter is null)
        {
            if (_before.OfType<ChannelEventItem>().FirstOrDefault() is not { } first)
                return "this session has no channel.";
            Begin(first.Channel, null);
        }
        foreach (var stream in _streams.Values)
        {
            if (stream.End() is { Length: > 0 } rest)
                _lines.WriteEvent(_last, 'o', rest);
        }
        if (version == AsciicastVersion.V3 && _exit is { } exit)
            _lines.WriteEvent(exit.At, 'x', exit.Status.ToString(CultureInfo.InvariantCulture));
        return null;
    }

    private void Begin(uint channel, TranscriptItem? item)
    {
        if (item is not null)
            _before.Add(item);
        _filter = new ChannelFilter(channel);
        _lines.WriteHeader(HeaderOf(channel));
        foreach (var early in _before)
            WriteOwn(early);
        _before.Clear();
    }

    private AsciicastHeader HeaderOf(uint channel)
    {
        var events = _before.OfType<ChannelEventItem>().Where(told => told.Channel == channel).ToList();
        var pty = events.Find(static told => told.Event.Event == "pty")?.Event;
        var command = events.Find(static told => told.Event is { Event: "command", Request: "exec" })?.Event.Command;
        return new AsciicastHeader
        {
            Size = SizeOf(pty) ?? (80, 24),
            Begun = events.Count > 0 ? events[0].At : _before[0].At,
            Title = $"{_session}channel {channel}",
            Command = _before.OfType<CommandItem>().FirstOrDefault(item => item.Number == command)?.Text,
            Terminal = pty?.Terminal,
            Shell = events.Find(static told => told.Event is { Event: "env", Name: "SHELL" })?.Event.Value,
        };
    }

    private void WriteOwn(TranscriptItem item)
    {
        foreach (var passed in _filter!.Pass(item))
        {
            switch (passed)
            {
                case ChannelBytesItem bytes:
                    WriteBytes(bytes);
                    break;
                case ChannelEventItem told:
                    WriteEvent(told);
                    break;
                case CommandItem command:
                    Mark(command.At, $"{TranscriptLines.Headline(command)}: {SafeText.Escape(command.Text)}");
                    break;
                case NoteItem { Kind: RecordKind.HoldOutcome } hold:
                    Mark(hold.At, "hold: " + JsonWords.Of(hold.Json));
                    break;
                case NoteItem { Kind: RecordKind.Interrupted }:
                    Mark(passed.At, "interrupted: the gateway died here");
                    break;
                case UnreadableItem unreadable:
                    Mark(unreadable.At, "cannot be read: " + SafeText.Escape(unreadable.What));
                    break;
            }
        }
    }

    private void WriteBytes(ChannelBytesItem bytes)
    {
        if (bytes.Flow == ChannelFlow.Input)
        {
            if (withInput)
                _lines.WriteEvent(bytes.At, 'i', Encoding.UTF8.GetString(bytes.Bytes));
            return;
        }
        if (bytes.IsTerminal)
        {
            _lines.WriteEvent(bytes.At, 'o', Encoding.UTF8.GetString(bytes.Bytes));
            return;
        }
        _last = bytes.At;
        if (bytes.Flow != _flow)
            Mark(bytes.At, bytes.Flow == ChannelFlow.Error ? "stderr" : "stdout");
        _flow = bytes.Flow;
        if (!_streams.TryGetValue(bytes.Flow, out var stream))
            _streams.Add(bytes.Flow, stream = new SafeStream());
        if (stream.Add(bytes.Bytes) is { Length: > 0 } text)
            _lines.WriteEvent(bytes.At, 'o', text.Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    private void WriteEvent(ChannelEventItem told)
    {
        switch (told.Event.Event)
        {
            case "resize":
                if (SizeOf(told.Event) is { } size)
                    _lines.WriteEvent(told.At, 'r', $"{size.Columns}x{size.Rows}");
                break;
            case "exit_status" or "exit_signal":
                _exit = (told.At, told.Event.Status ?? SignalStatus.Of(told.Event.Signal ?? ""));
                Mark(told.At, $"{told.Event.Event}: {told.Words}");
                break;
            case "request_refused" or "signal" or "file" or "protocol_violation":
                Mark(told.At, $"{told.Event.Event}: {told.Words}");
                break;
        }
    }

    private void Mark(DateTimeOffset at, string label) =>
        _lines.WriteEvent(at, 'm', label.Length > LongestLabel ? label[..(LongestLabel - 1)] + "…" : label);

    /// <summary>What players can take: their numbers have 16 bits, and a terminal without a size says 0.</summary>
    private static (uint Columns, uint Rows)? SizeOf(ChannelEvent? told) =>
        told is { Columns: > 0 and <= ushort.MaxValue and var columns, Rows: > 0 and <= ushort.MaxValue and var rows }
            ? (columns, rows)
            : null;

    /// <summary><c>ana@web </c>, of the record that opens the session.</summary>
    private static string TitleOf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var who = document.RootElement.GetProperty("principal").GetString();
            var resource = document.RootElement.GetProperty("resource").GetString();
            return $"{SafeText.Escape(who)}@{SafeText.Escape(resource)} ";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }
}
