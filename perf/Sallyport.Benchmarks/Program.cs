using BenchmarkDotNet.Running;
using Sallyport.Benchmarks.Rates;

if (args is ["--recorder", .. var folder])
    return RecorderRates.Run(folder is [var named] ? named : "artifacts/recorder");
if (args is ["--ssh"])
    return await SshRates.RunAsync();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
