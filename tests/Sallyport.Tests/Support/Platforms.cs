using System.Runtime.Versioning;

// File modes and Unix sockets are part of what is tested.
[assembly: UnsupportedOSPlatform("windows")]
