using BenchmarkDotNet.Running;
using Sallyport.Benchmarks.Rates;

if (args is ["--recorder", .. var folder])
    return RecorderRates.Run(folder is [var named] ? named : "artifacts/recorder");
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
