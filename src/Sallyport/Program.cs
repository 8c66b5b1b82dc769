using Sallyport.Cli;
using Sallyport.Hosting;

// Before any socket exists: the runtime reads these once (see SocketEngine).
SocketEngine.Configure();
using var signals = new Signals();
return await CommandTree.RunAsync(args, CliContext.ForProcess(), signals.Stop);
