using System.Runtime.Versioning;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Identity.Tests;

public sealed class CredentialSourcesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sallyport-");

    private string FilePath => Path.Combine(_folder.FullName, "secret");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("s3cret", "s3cret")]
    [InlineData("s3cret\n", "s3cret")]
    [InlineData("s3cret\r\n", "s3cret")]
    [InlineData("s3cret\n\n", "s3cret\n")]
    [InlineData(" s3cret ", " s3cret ")]
    [InlineData("\n", null)]
    [InlineData("", null)]
    public void FileAndVariableLoseOneTrailingNewline(string stored, string? secret)
    {
        File.WriteAllText(FilePath, stored);
        Environment.SetEnvironmentVariable("SALLYPORT_TEST_SECRET", stored);
        Assert.Equal(secret, Read("file:" + FilePath));
        Assert.Equal(secret, Read("env:SALLYPORT_TEST_SECRET"));
    }

    [Fact]
    public void FileIsReadAgainAtEachUseAndMayBeMissing()
    {
        Assert.Null(Read("file:" + FilePath));
        File.WriteAllText(FilePath, "first");
        Assert.Equal("first", Read("file:" + FilePath));
        File.WriteAllText(FilePath, "second");
        Assert.Equal("second", Read("file:" + FilePath));
    }

    [Theory]
    [InlineData(CredentialSources.MaxLength, true)]
    [InlineData(CredentialSources.MaxLength + 1, false)]
    public void LongerThan64KiBIsNoSecret(int length, bool taken)
    {
        File.WriteAllText(FilePath, new string('x', length));
        Assert.Equal(taken, Read("file:" + FilePath) is not null);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void FileThatOthersCanReadIsWarnedOf()
    {
        File.WriteAllText(FilePath, "s3cret");
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains(FilePath, new FileCredential(FilePath).Warning, StringComparison.Ordinal);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead);
        Assert.Null(new FileCredential(FilePath).Warning);
    }

    [Theory]
    [InlineData("vault:secret/shop#password", "not supported yet")]
    [InlineData("k8s:ns/name#key", "not supported yet")]
    [InlineData("env:", "environment variable")]
    [InlineData("file:", "path")]
    [InlineData("hunter2", "never written in the configuration")]
    [InlineData("postgres:hunter2", "never written in the configuration")]
    public void OtherTextsAreRefusedWithoutRepeatingThem(string text, string why)
    {
        Assert.False(CredentialSources.TryParse(text, out var source, out var error));
        Assert.Null(source);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public void SourceAndHandleShowNothing()
    {
        File.WriteAllText(FilePath, "s3cret");
        Assert.True(CredentialSources.TryParse("file:" + FilePath, out var source, out _));
        using var handle = source.Open()!;
        Assert.DoesNotContain("s3cret", $"{source} {source.Description} {handle}", StringComparison.Ordinal);
    }

    private static string? Read(string text)
    {
        Assert.True(CredentialSources.TryParse(text, out var source, out _));
        using var handle = source.Open();
        return handle is null ? null : Encoding.UTF8.GetString(handle.Value);
    }
}
