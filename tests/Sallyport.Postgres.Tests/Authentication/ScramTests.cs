using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Authentication;

namespace Sallyport.Postgres.Tests.Authentication;

public sealed class ScramTests
{
    private static readonly byte[] Binding = SHA256.HashData("certificate"u8);
    private static readonly Principal Bot = new() { Name = "bot-7" };

    private static ScramVerifiers Verifiers(params string[] passwords)
    {
        var salt = Encoding.ASCII.GetBytes("0123456789abcdef");
        return new ScramVerifiers(salt, 4096, [.. passwords.Select(password =>
        {
            var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, 4096, HashAlgorithmName.SHA256, 32);
            return new ScramKeys(SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8), Bot);
        })]);
    }

    private static Principal? Exchange(ScramVerifiers verifiers, string password, bool plus, byte[]? serverBinding, byte[]? clientBinding)
    {
        var server = new ScramServer(verifiers, plus, serverBinding);
        using var client = new ScramClient(Encoding.UTF8.GetBytes(password), clientBinding);
        if (server.First(client.First()) is not { } first || client.Final(first) is not { } final || server.Final(final) is not { } proved)
            return null;
        Assert.True(client.Verify(proved.ServerFinal));
        return proved.Principal;
    }

    [Fact]
    public void TheRightSecretIsProvedWithAndWithoutChannelBinding()
    {
        Assert.Same(Bot, Exchange(Verifiers("pencil"), "pencil", false, null, null));
        Assert.Same(Bot, Exchange(Verifiers("pencil"), "pencil", true, Binding, Binding));
    }

    [Fact]
    public void AnyLiveSecretOfALoginProves() => Assert.Same(Bot, Exchange(Verifiers("old", "new"), "new", false, null, null));

    [Fact]
    public void AWrongSecretAndAnUnknownLoginAreRefusedAtTheSameStep()
    {
        Assert.Null(Exchange(Verifiers("pencil"), "pencils", false, null, null));
        Assert.Null(Exchange(Verifiers(), "pencil", false, null, null));
    }

    [Fact]
    public void Threat10_ABindingToAnotherCertificateIsRefused() =>
        Assert.Null(Exchange(Verifiers("pencil"), "pencil", true, Binding, SHA256.HashData("another"u8)));

    [Fact]
    public void Threat10_AStrippedOfferOfChannelBindingIsNoticed()
    {
        var server = new ScramServer(Verifiers("pencil"), plus: false, Binding);
        Assert.Null(server.First("y,,n=,r=abcdefghijkl"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("n,,")]
    [InlineData("n,a=admin,n=,r=abcdefghijkl")]
    [InlineData("p=tls-unique,,n=,r=abcdefghijkl")]
    [InlineData("n,,n=,r=")]
    [InlineData("n,,m=ext,n=,r=abcdefghijkl")]
    [InlineData("n,,n=,r=abc\0defghijkl")]
    [InlineData("n,,n=,r=abc defghijkl")]
    [InlineData("n,,n=,r=abcdefghijkl\u007F")]
    public void WhatIsNoFirstMessageIsRefused(string message) =>
        Assert.Null(new ScramServer(Verifiers("pencil"), false, null).First(Encoding.ASCII.GetBytes(message)));

    [Fact]
    public void AProofWithoutAFirstMessageProvesNothing() =>
        Assert.Null(new ScramServer(Verifiers("pencil"), plus: true, null).Final(
            Encoding.ASCII.GetBytes($"c=,r=,p={Convert.ToBase64String(new byte[32])}")));

    [Theory]
    [InlineData("r=other,s=MDEy,i=4096")]
    [InlineData("r=,s=MDEy,i=4096")]
    [InlineData("x")]
    public void Threat9_AServerThatAnswersAnotherNonceIsRefused(string message)
    {
        using var client = new ScramClient("pencil"u8, null);
        client.First();
        Assert.Null(client.Final(Encoding.ASCII.GetBytes(message)));
    }

    [Theory]
    [InlineData("4294967295")]
    [InlineData("2000000000")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("4096\0")]
    public void Threat9_IterationsWithoutBoundAreRefused(string iterations)
    {
        using var client = new ScramClient("pencil"u8, null);
        var nonce = Encoding.ASCII.GetString(client.First())["n,,n=,r=".Length..];
        Assert.Null(client.Final(Encoding.ASCII.GetBytes($"r={nonce}x,s=MDEy,i={iterations}")));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\0")]
    [InlineData("\u007F")]
    public void ANonceOfTheServerThatIsNotPrintableIsRefused(string added)
    {
        using var client = new ScramClient("pencil"u8, null);
        var nonce = Encoding.ASCII.GetString(client.First())["n,,n=,r=".Length..];
        Assert.NotNull(client.Final(Encoding.ASCII.GetBytes($"r={nonce}x,s=MDEy,i=1")));
        Assert.Null(client.Final(Encoding.ASCII.GetBytes($"r={nonce}x{added},s=MDEy,i=1")));
    }

    [Fact]
    public void AServerThatDoesNotKnowTheSecretIsFoundOut()
    {
        using var client = new ScramClient("pencil"u8, null);
        Assert.False(client.Verify("v=AAAA"u8));
        Assert.False(client.Verify("v="u8));
        Assert.False(client.Verify("e=other-error"u8));
    }
}
