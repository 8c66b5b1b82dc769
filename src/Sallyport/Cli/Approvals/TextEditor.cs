using System.ComponentModel;
using System.Diagnostics;
using Sallyport.Hosting;

namespace Sallyport.Cli.Approvals;

/// <summary>Opens <c>VISUAL</c> or <c>EDITOR</c> on a file that only this user may read, and removes it afterwards.</summary>
internal static class TextEditor
{
    public static async Task<string> EditAsync(string name, string text, CliContext cli, CancellationToken stop)
    {
        if (!cli.CanAsk)
            throw new CliFailure(ExitCode.Usage, "there is no terminal for an editor.", "Give the new text with --text.");
        var editor = cli.Variable("VISUAL") ?? cli.Variable("EDITOR") ?? "vi";
        var folder = Directory.CreateTempSubdirectory("sallyport-");
        try
        {
            var file = Path.Combine(folder.FullName, Path.GetFileName(name) + ".sql");
            PrivateFiles.Write(file, text);
            await RunAsync(editor, file, stop);
            var edited = await File.ReadAllTextAsync(file, stop);

            // Editors end a file with a newline that the command did not have.
            return text.EndsWith('\n') || !edited.EndsWith('\n') ? edited : edited[..^1];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Through the shell, as git does: the variable may hold arguments. The file name is ours and passed apart.</summary>
    private static async Task RunAsync(string editor, string file, CancellationToken stop)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", editor + " \"$1\"", "sh", file]));
            await process!.WaitForExitAsync(stop);
            if (process.ExitCode != 0)
                throw new CliFailure(ExitCode.Failed, $"the editor ended with {process.ExitCode}; nothing was decided.",
                    "Set EDITOR, or give the new text with --text.");
        }
        catch (Win32Exception e)
        {
            throw new CliFailure(ExitCode.MissingProgram, $"the editor does not start: {e.Message}",
                "Set EDITOR, or give the new text with --text.");
        }
    }
}
