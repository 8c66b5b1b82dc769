using Sallyport.Cli;

using var signals = new Signals();
return await CommandTree.RunAsync(args, CliContext.ForProcess(), signals.Stop);
